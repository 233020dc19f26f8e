// Somebody was faster: what was before, theirs and mine, side by side; shapes on the map in three colours.
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";

/**
 * A form in place of the one that could not save. For each field one side is chosen; onChosen(theirs) gets the fields in which theirs
 * stays, [{field, theirs}]; onDrop() gives up what is mine.
 */
export function conflictForm(problem, { onChosen, onDrop }) {
  const { both, since } = problem.more.facts;
  const chosen = Object.fromEntries(both.map((one) => [one.field, one.changed_by_both ? null : "mine"]));
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const swatch = (side) => h("span", { class: `swatch ${side}`, "aria-hidden": "true" });
  const words = (one, side) => (one.field === "geom" ? [swatch(side), { before: _("dashed on the map"), theirs: _("their place, on the map"), mine: _("my place, on the map") }[side]] : one[`${side}_text`]);

  function cell(one, side) {
    const input = h("input", { type: "radio", name: `choose-${one.field}`, value: side, checked: chosen[one.field] === side, "aria-label": `${one.title}: ${side === "mine" ? _("Mine") : _("Theirs")}`, on: { change: () => (chosen[one.field] = side) } });
    return h("td", {}, h("label", { class: "check" }, input, h("span", {}, words(one, side))));
  }
  function apply(event) {
    event.preventDefault();
    const open = both.find((one) => !chosen[one.field]);
    error.hidden = !open;
    if (open) return fill(error, _("Choose for '{field}'.", { field: open.title }));
    onChosen(both.filter((one) => chosen[one.field] === "theirs"));
  }

  const news = since.map((one) => h("li", {}, h("strong", {}, one.who || one.file || "?"), `: ${one.why} `, h("small", {}, one.changes.map(({ title, before, after }) => (before === after ? title : `${title} ${before} → ${after}`)).join("; "))));
  const heads = [_("Field"), _("Before"), _("Theirs"), _("Mine")].map((title) => h("th", { scope: "col" }, title));
  const rows = both.map((one) => h("tr", { data: { field: one.field } }, h("th", { scope: "row" }, one.title), h("td", {}, words(one, "before")), cell(one, "theirs"), cell(one, "mine")));
  return h("form", { class: "move conflict", on: { submit: apply } }, h("h3", {}, _("Somebody was faster")), h("p", {}, problem.message), h("ul", { class: "plain" }, news),
    h("div", { class: "wide-table" }, h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows))), error,
    h("div", { class: "line" }, h("button", { class: "button primary" }, _("Save what is chosen")), h("button", { type: "button", class: "button", on: { click: onDrop } }, _("Drop mine, read again"))));
}
