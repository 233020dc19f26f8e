// When one's own unit is on duty: spans by weekday, which routing rules may ask for.
import { get, put } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";

const WEEKDAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")];
const NEW = { weekdays: [1, 2, 3, 4, 5], begins: "08:00", ends: "18:00" };

/** A section with the stated spans; what is kept replaces them all. */
export function dutyHours() {
  const list = h("div", { class: "spans" });
  const spans = [];
  const draw = () => fill(list, spans.map(span), !spans.length && h("p", { class: "empty" }, _("Nothing stated: rules that ask for it do not fit.")));

  function span(one) {
    const days = WEEKDAYS.map((name, index) => h("label", { class: "line" }, h("input", { type: "checkbox", checked: one.weekdays.includes(index + 1), on: { change: ({ target }) => (one.weekdays = target.checked ? [...one.weekdays, index + 1] : one.weekdays.filter((day) => day !== index + 1)) } }), name));
    const time = (name, label) => h("input", { type: "text", inputmode: "numeric", value: one[name], maxlength: 5, size: 5, pattern: "[0-2][0-9]:[0-5][0-9]", "aria-label": label, on: { change: ({ target }) => (one[name] = target.value.trim()) } });
    return h("div", { class: "line ticks" }, days, time("begins", _("From")), "–", time("ends", _("To")),
      h("button", { type: "button", class: "quiet", "aria-label": _("Take away"), on: { click: () => (spans.splice(spans.indexOf(one), 1), draw()) } }, icon("x")));
  }
  async function keep() {
    try {
      await put("/api/handlers/duty", { hours: spans });
      tell(_("Duty hours: kept."));
    } catch (problem) {
      tellProblem(problem);
    }
  }
  get("/api/handlers/duty").then((stated) => (spans.push(...stated), draw()), tellProblem);
  return h("section", { class: "condition" }, h("h3", {}, _("Duty hours of the unit")),
    h("button", { type: "button", class: "button small", on: { click: keep } }, _("Keep")),
    h("div", {}, list, h("button", { type: "button", class: "button small", on: { click: () => (spans.push({ ...NEW }), draw()) } }, icon("plus"), _("Add hours"))));
}
