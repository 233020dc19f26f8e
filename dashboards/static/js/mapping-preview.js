// The first rows as the register would hold them; a refused one says why in its place.
import { fill, h } from "./dom.js";
import { _, locale } from "./i18n.js";
import { reasonText } from "./import-reasons.js";

/** The table in `element`; `onChoose(row)` for a clicked row. Returns {show(tried, state), problem(problem), wait(words), choose(number)}. */
export function previewTable(element, { onChoose }) {
  let rows = [];

  function show(tried, { kinds, mapping, candidates }) {
    ({ rows } = tried);
    const properties = kinds.kinds.find((kind) => kind.code === mapping.kind)?.schema.properties ?? {};
    const codes = [...new Set(rows.flatMap((row) => Object.keys(row.attributes ?? {})))];
    const title = (code) => (properties[code] ? (locale === "zh" ? properties[code]["x-title-zh"] : properties[code].title) : code);
    const columns = [_("Row"), _("Known by"), _("Name of the asset"), _("Component class"), ...codes.map(title)];
    const unit = (code) => properties[code]?.["x-unit-text"];
    fill(element, summary(tried, candidates), h("div", { class: "figures", tabindex: "0", role: "region", "aria-label": _("The first rows") }, h("table", { id: "rows" },
      h("thead", {}, h("tr", {}, columns.map((text, at) => h("th", { scope: "col" }, text, unit(codes[at - 4]) && h("small", {}, ` ${unit(codes[at - 4])}`))))),
      h("tbody", {}, rows.map((row) => (row.taken ? taken(row, codes, properties) : refused(row, codes)))))));
  }

  function summary({ counts, reasons, placed, system }, candidates) {
    const told = Object.entries(reasons).map(([reason, count]) => _("{count} × {reason}", { count, reason: reasonText(reason) }));
    return h("p", { class: "summary", role: "status" }, h("strong", {}, _("{taken} of the first {read} rows would be taken", { taken: counts.taken, read: counts.read })),
      counts.refused > 0 && h("span", { class: "chip", data: { change: "removed" } }, _("{count} refused", { count: counts.refused })),
      !placed && h("span", { class: "chip", data: { change: "changed" } }, _("without their places: choose the coordinate system")),
      placed && h("span", { class: "chip" }, candidates.find((one) => one.system === system)?.name ?? system), told.length > 0 && h("small", {}, told.join(" · ")));
  }

  function taken(row, codes, properties) {
    const remarks = row.faults.map(({ reason, detail }) => h("span", { class: "remark", title: detail }, reasonText(reason), " ", h("small", {}, detail)));
    return line(row, h("th", { scope: "row" }, row.row), h("td", {}, row.reference), h("td", {}, row.name, remarks), h("td", {}, row.class_code), codes.map((code) => h("td", {}, said(row.attributes[code], properties[code]))));
  }

  function refused(row, codes) {
    const [fault] = row.faults;
    const raw = Object.entries(row.raw).slice(0, 8).map(([name, value]) => `${name}: ${value}`).join(" · ");
    return line(row, h("th", { scope: "row" }, row.row), h("td", { colspan: 3 + codes.length }, h("strong", {}, reasonText(fault.reason)), " ", h("span", {}, fault.detail), h("small", {}, raw)));
  }

  const line = (row, ...cells) => h("tr", { data: { row: row.row, taken: String(row.taken) }, on: { click: () => choose(row.row) } }, cells);

  function said(value, property) {
    if (value === undefined || value === null) return "";
    const choice = property?.["x-choices"]?.find(([code]) => code === value);
    if (choice) return locale === "zh" ? choice[1] : choice[2];
    if (typeof value === "boolean") return value ? _("yes") : _("no");
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  function choose(number) {
    element.querySelectorAll("#rows tbody tr").forEach((each) => each.setAttribute("aria-current", String(Number(each.dataset.row) === number)));
    element.querySelector('#rows tr[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    const row = rows.find((each) => each.row === number);
    if (row) onChoose(row);
  }

  return {
    show, choose,
    problem: (problem) => fill(element, h("div", { class: "error", role: "alert" }, h("p", {}, problem.message), problem.nextStep && h("p", { class: "next" }, problem.nextStep))),
    wait: (words) => fill(element, h("div", { class: "empty" }, h("p", {}, words))),
  };
}
