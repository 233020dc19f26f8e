// The inspector's shift: begun and ended on the spot; while it runs, the phone's position is kept and sent, and only then.
import { get, post } from "./api.js";
import { fill, h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { locate } from "./position.js";
import { shortText } from "./time.js";

const KEPT = `inspector-track ${meta("user")}`;
const EVERY_MS = 30_000;
const MOST = 2000;

/** A strip for the top of the phone: what the shift is, and the one button that is right now. */
export function shiftStrip() {
  const element = h("section", { class: "shift", "aria-label": _("My shift") });
  let watch = null;
  let latest = null;

  async function load() {
    try {
      draw(await get("/api/patrol/my-shifts"));
    } catch (problem) {
      if (!problem.isTemporary) tellProblem(problem); // without reception the strip stays as it is, and the track is kept
    }
  }

  function draw({ shifts, on_duty: duty }) {
    const running = shifts.find(({ id }) => id === duty);
    const next = shifts.find(({ attendance }) => attendance === "planned" || attendance === "absent");
    if (running) follow();
    else unfollow();
    element.dataset.state = running ? "on" : next ? "due" : "none";
    if (running) return fill(element, icon("user"), h("span", {}, _("On shift until {time}", { time: shortText(running.ends_at) }), h("small", {}, _("Your position is kept while you are on shift."))), button(_("End shift"), "check-out"));
    if (next) return fill(element, icon("clock"), h("span", {}, _("Shift {from} – {to}", { from: shortText(next.starts_at), to: shortText(next.ends_at) })), button(_("Begin shift"), "check-in", "primary"));
    fill(element, icon("clock"), h("span", {}, _("No shift today or tomorrow.")));
  }

  function button(text, what, kind = "") {
    const press = async ({ currentTarget }) => {
      currentTarget.disabled = true;
      try {
        const position = await locate();
        if (what === "check-out") await send();
        await post(`/api/patrol/${what}`, { position });
        tell(what === "check-in" ? _("Your shift has begun.") : _("Your shift has ended."));
      } catch (problem) {
        tellProblem(problem);
      }
      load();
    };
    return h("button", { type: "button", class: `button ${kind}`, on: { click: press } }, text);
  }

  function follow() {
    if (watch !== null || !navigator.geolocation) return;
    watch = navigator.geolocation.watchPosition(({ coords }) => (latest = coords), () => {}, { enableHighAccuracy: true, maximumAge: 10_000 });
  }

  function unfollow() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    watch = latest = null;
  }

  /** What the phone kept, in order; sent when there is reception, forgotten when the server has it. */
  async function send() {
    const fixes = kept();
    if (!fixes.length) return;
    await post("/api/patrol/track", { fixes });
    localStorage.setItem(KEPT, JSON.stringify(kept().slice(fixes.length)));
  }

  setInterval(() => {
    if (!latest) return;
    const position = { lon: latest.longitude, lat: latest.latitude, system: "wgs84", accuracy_m: Math.round(latest.accuracy) };
    localStorage.setItem(KEPT, JSON.stringify([...kept(), { position, occurred_at: new Date().toISOString() }].slice(-MOST)));
    send().catch(() => {}); // no reception: it is kept
  }, EVERY_MS);
  addEventListener("online", () => send().catch(() => {}));
  setInterval(load, 300_000);
  load();
  return element;
}

const kept = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
