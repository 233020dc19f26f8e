// The citizens' form with scripts: map, nearby cases, photos with previews, progress, and the code at the end.
import { get, newKey } from "./api.js";
import { keep, send } from "./citizen-send.js";
import { all, debounce, fill, h, icon, meta, one } from "./dom.js";
import { _, locale } from "./i18n.js";
import { photoField } from "./photos.js";

const form = one("#report");
const field = form.elements;
const photos = photoField({ label: "" });
let place = null;
let attempted = false;

function start() {
  fill(one("#photos"), photos.element);
  one("#map-field").hidden = false;
  one("#finder").hidden = false;
  one("#address-optional").hidden = false;
  all(".service input[type=radio][name=service_code]").forEach((input) => input.addEventListener("change", look));
  one("#find").addEventListener("input", filter);
  field.description.addEventListener("input", guess);
  one("#leave").addEventListener("click", (event) => (event.preventDefault(), leave()));
  form.addEventListener("input", () => attempted && renew());
  form.addEventListener("submit", (event) => (event.preventDefault(), submit()));
  restore();
  form.addEventListener("input", remember);
  join(field.join.value ? { number: field.join.value } : null);
  import("./citizen-place.js").then(({ citizenPlace }) => {
    const begin = field.lat.value && field.long.value ? { lon: Number(field.long.value), lat: Number(field.lat.value) } : null;
    place = citizenPlace({ start: begin, onChange: moved });
    document.body.dataset.ready = "1";
  }, () => {
    one("#map-field").hidden = true; // without the map an address does
    document.body.dataset.ready = "1";
  });
}

function moved({ lon, lat }) {
  field.lat.value = lat.toFixed(6);
  field.long.value = lon.toFixed(6);
  if (attempted) renew();
  remember();
  look();
}

/** Open cases nearby, to be joined instead of reported once more. */
async function look() {
  const at = place?.position();
  if (!at || field.join.value) return;
  const found = await get("/report/near.json", { ...at, service: field.service_code.value }).catch(() => []);
  if (place.position() !== at) return;
  one("#near").hidden = !found.length;
  fill(one("#near ul"), found.map(card));
}

function card(near) {
  const me = h("button", { type: "button", class: "button", on: { click: () => join(near) } }, icon("users"), _("Me too"));
  return h("li", { class: "card" }, icon(near.icon),
    h("div", {}, h("strong", {}, near.service), h("small", {}, [_("{metres} m away", { metres: near.distance_m }), near.stage_name, near.reported.slice(0, 10)].join(" · ")),
      near.words && h("p", {}, near.words), near.voices > 1 && h("small", {}, _("reported by {count}", { count: near.voices }))), me);
}

function join(near) {
  field.join.value = near?.number ?? "";
  const joined = Boolean(near);
  form.dataset.joined = String(joined);
  one("#joined").hidden = !joined;
  if (near?.service) fill(one("#joined span"), _("You join the report of {service} of {date}.", { service: near.service, date: near.reported }));
  all("[data-own]").forEach((part) => (part.hidden = joined));
  one("#meant").hidden = true;
  one("#send span").textContent = joined ? _("Send: me too") : _("Send report");
  if (near?.service) {
    one("details.contact").open = true;
    one("#joined").scrollIntoView({ block: "center" });
  }
  if (attempted) renew();
}

function leave() {
  join(null);
  place?.resize();
  look();
}

/** What the words may mean, for who has chosen nothing: one tap chooses it. */
const guess = debounce(async () => {
  const words = field.description.value.trim();
  const open = words.length > 1 && !field.service_code.value && !field.join.value;
  const found = open ? await get("/report/suggest.json", { words: words.slice(0, 500) }).catch(() => []) : [];
  if (words !== field.description.value.trim() || field.service_code.value) return;
  one("#meant").hidden = !found.length;
  fill(one("#meant .buttons"), found.map(({ code, name }) => h("button", { type: "button", class: "button", on: { click: () => choose(code) } }, name)));
}, 500);

function choose(code) {
  field.service_code.value = code;
  one("#meant").hidden = true;
  look();
  if (one(".service:has(input[name=service_code]:checked) [data-required]")) one(`label[for="service-${code}"]`).scrollIntoView({ block: "start" });
}

function filter() {
  const words = one("#find").value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const service of all(".service[data-search]")) {
    service.hidden = !words.every((word) => service.dataset.search.includes(word));
    shown += service.hidden ? 0 : 1;
  }
  one("#none").hidden = shown > 0;
}

/** What is missing, in words, with the element to look at; null when all is there. */
function missing() {
  const chosen = one(".service:has(input[name=service_code]:checked)");
  if (!field.join.value && !field.lat.value && !field.address_string.value.trim()) return [_("Where is it? Tap the map, use your position, or write the address."), one("#where-title")];
  const open = all("[data-required]", chosen ?? form).filter((input) => chosen && !answered(input));
  if (!field.join.value && open.length) return [_("One answer is missing: {question}", { question: questionOf(open[0]) }), open[0].closest("fieldset, .field")];
  if (!field.join.value && !field.service_code.value && !field.description.value.trim() && !photos.files().length) return [_("What is it? Choose it, take a photo, or write a few words."), one("#what-title")];
  return null;
}

const answered = (input) => (input.type === "radio" ? all(`[name="${CSS.escape(input.name)}"]`).some((each) => each.checked) : input.value.trim());
const questionOf = (input) => (input.closest("fieldset")?.querySelector("legend") ?? input.closest(".field").querySelector("label")).firstChild.textContent;

async function submit() {
  const lacking = missing();
  tell(lacking?.[0] ?? "");
  if (lacking) return lacking[1].scrollIntoView({ block: "center" });
  busy(true);
  attempted = true;
  try {
    const answer = await send(form.action, content(), { onProgress: progress });
    thanks(answer);
  } catch (problem) {
    if (!("detail" in problem)) throw problem;
    tell(`${problem.detail} ${problem.next_step}`);
    one("#send span").textContent = _("Send it again");
  } finally {
    busy(false);
  }
}

/** The form as it is sent: photos from their field, only what was asked for. */
function content() {
  const sent = new FormData(form);
  sent.delete("photos");
  photos.files().forEach((photo, index) => sent.append("photos", photo, photo.name || `photo-${index + 1}.jpg`));
  return sent;
}

function progress(share) {
  one("#progress progress").value = share;
  one("#progress span").textContent = share < 1 ? _("{percent} % sent", { percent: Math.round(share * 100) }) : _("All sent. Waiting for the answer…");
}

function busy(on) {
  one("#send").disabled = on;
  one("#progress").hidden = !on;
  if (on) progress(0);
}

function tell(text) {
  one("#problem").textContent = text;
  one("#problem").hidden = !text;
}

/** Changed after an attempt: it is another report now, if the first arrived after all. */
function renew() {
  field.key.value = `${newKey()}-${newKey()}`;
  attempted = false;
}

function thanks({ number, code, notice, joined }) {
  const name = one(".service input[name=service_code]:checked ~ label span")?.textContent;
  keep({ number, code, name: field.service_code.value ? name : _("Report"), at: new Date().toISOString() });
  sessionStorage.removeItem(DRAFT);
  form.hidden = true;
  const page = one("#thanks");
  const copy = h("button", { type: "button", class: "button", on: { click: () => navigator.clipboard?.writeText(code).then(() => (copy.lastChild.textContent = _("Copied"))) } }, icon("copy"), h("span", {}, _("Copy")));
  fill(page, h("h1", {}, icon("circle-check"), joined ? _("Thank you. You are with it.") : _("Thank you. We have it.")), h("p", {}, notice),
    h("dl", { class: "facts" }, h("dt", {}, _("Case number")), h("dd", {}, number)),
    h("div", { class: "code" }, h("span", {}, _("Your code")), h("strong", {}, code), copy),
    h("p", {}, h("strong", {}, _("Write it down or take a picture of it: it is shown this once.")), " ", _("With it you see where your report stands.")),
    h("div", { class: "buttons" }, h("a", { class: "button big", href: `/${locale}/report/status` }, icon("search"), _("Look up a report")), h("a", { class: "button big", href: `/${locale}/report` }, icon("plus"), _("Another report"))));
  page.hidden = false;
  page.focus();
  scrollTo(0, 0);
}

const DRAFT = "citizen-draft";
const DRAFTED = ["description", "address_string", "service_code", "lat", "long", "key"];

/** A page that is loaded again (a call came, the phone was short of memory) begins where it was left, with its key. */
function remember() {
  const draft = Object.fromEntries(DRAFTED.map((name) => [name, field[name].value]));
  if (photos.files().length) delete draft.key; // photos cannot be kept: without them it is not the same report
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

function restore() {
  if (form.querySelector(".error:not([hidden])") || field.join.value) return;
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null") ?? {};
  for (const name of DRAFTED) if (draft[name]) field[name].value = draft[name];
}

if (meta("tiles")) start();
