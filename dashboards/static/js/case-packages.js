// Evidence handed out to law enforcement: the package as a file, and who has got one before.
import { download, get } from "./api.js";
import { fill, h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { fullText } from "./time.js";

const handsOut = meta("permissions").split(" ").includes("evidence.hand_out");

/** The section; null for who hands nothing out, or where there is nothing. It asks the server once it is opened. */
export function packages(detail) {
  if (!handsOut || !detail.evidence?.length) return null;
  const past = h("ul", { class: "plain" });
  const inside = h("div", {});
  const element = h("details", { class: "packages", on: { toggle: () => element.open && !inside.childElementCount && begin() } }, h("summary", {}, _("Evidence for law enforcement")), inside);

  function begin() {
    fill(inside, h("p", { class: "hint" }, _("A signed zip: the record, every original unchanged, its entry in the log of evidence. Callers are not in it. Each handing-out is written down.")), form(detail, load), past);
    load();
  }
  async function load() {
    try {
      const all = await get(`/api/cases/${detail.id}/evidence-packages`);
      fill(past, all.map((one) => h("li", {}, h("strong", {}, `${detail.number}-${one.ordinal}`), " ", h("time", {}, fullText(one.recorded_at)), h("div", {}, _("{by} to {recipient}: {reason}", one)))));
    } catch (problem) {
      tellProblem(problem);
    }
  }
  return h("section", {}, element);
}

function form(detail, done) {
  const recipient = h("input", { type: "text", name: "recipient", required: true, maxlength: 200, placeholder: _("Such as: urban management enforcement team, Officer Li") });
  const reason = h("input", { type: "text", name: "reason", required: true, maxlength: 1000, placeholder: _("Such as: their letter and its number") });
  const send = h("button", { type: "submit", class: "button" }, icon("download"), _("Hand out the package"));
  async function submit(event) {
    event.preventDefault();
    send.disabled = true;
    try {
      await download(`/api/cases/${detail.id}/evidence-packages`, { body: { recipient: recipient.value.trim(), reason: reason.value.trim() } });
      tell(_("The package is saved, and written down."));
      element.reset();
      done();
    } catch (problem) {
      tellProblem(problem);
    } finally {
      send.disabled = false;
    }
  }
  const element = h("form", { class: "hand-out", on: { submit } },
    h("label", { class: "field" }, h("span", {}, _("For whom")), recipient), h("label", { class: "field" }, h("span", {}, _("Reason")), reason), send);
  return element;
}
