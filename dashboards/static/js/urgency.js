// How urgent a report is, as its sender sees it; on lists what is, or may be, an emergency stands first.
import { h, icon } from "./dom.js";
import { _ } from "./i18n.js";

export const URGENCIES = { normal: _("Ordinary"), urgent: _("Urgent"), emergency: _("Emergency") };
let serial = 0;

/** Whether a case is an emergency, or was reported as one and is not decided yet. */
export const comesFirst = (item) => Boolean(item.priority === "emergency" || item.emergency_claimed);

/** {element, value(), clear()}; `big` for a thumb. */
export function urgencyField({ big = false } = {}) {
  const name = `urgency-${(serial += 1)}`;
  const radios = Object.entries(URGENCIES).map(([value, words]) => h("label", { class: big ? "check big" : "check", data: { urgency: value } },
    h("input", { type: "radio", name, value, checked: value === "normal" }), h("span", {}, value === "emergency" && icon("alert-triangle"), words)));
  const hint = h("small", { class: "hint", hidden: true }, _("For danger to life or limb, or to the city's supply. The intake desk decides at once whether it is one."));
  const element = h("div", { class: "field urgency" }, h("span", { class: "label" }, _("How urgent")), h("div", { class: "line urgencies", role: "radiogroup", "aria-label": _("How urgent") }, radios), hint);
  const value = () => element.querySelector("input:checked")?.value ?? "normal";
  element.addEventListener("change", () => (hint.hidden = value() !== "emergency"));
  return { element, value, clear: () => ((radios[0].querySelector("input").checked = true), (hint.hidden = true)) };
}

/** The mark of a case on lists; null for an ordinary one. */
export function urgencyMark(item) {
  if (item.priority === "emergency") return h("span", { class: "chip emergency" }, icon("alert-triangle"), _("Emergency"));
  if (item.emergency_claimed) return h("span", { class: "chip emergency claimed", title: _("Reported as an emergency; intake has not decided yet.") }, icon("alert-triangle"), _("Emergency?"));
  return null;
}
