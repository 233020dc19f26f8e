// Places × classes: a matrix of communities and classes that shows where no rule fits, or two of equal rank do.
import { get } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";
import { drawProgress, runStudy } from "./studies.js";

const MARKS = { ".": ["", _("a rule always fits")], s: ["?", _("only in some cases: a rule asks for more than place and class")], g: ["!", _("no rule can fit")], c: ["≠", _("two rules of equal rank name different units")] };
const KINDS = { covered: _("covered"), sometimes: _("sometimes"), gap: _("gap"), conflict: _("conflict") };

/** Fill `content` with what was found in words, `wide` with the matrix. */
export function drawGaps(content, wide, { setId, rules, choices, isWanted }) {
  const progress = h("div", {});
  const sums = h("div", { class: "pad-less", role: "status" });
  const detail = h("div", { class: "pad-less", role: "status" });
  const onlyBad = h("input", { type: "checkbox", checked: true, on: { change: () => last && matrix(last) } });
  let last = null;
  fill(content, h("div", { class: "pad study" },
    h("p", { class: "hint" }, _("Every community with every class, as this version stands. Click a field to see which rules speak there.")),
    progress, sums, detail));
  wide.hidden = false;
  fill(wide, h("p", { class: "empty" }, _("Looking…")));
  runStudy(setId, { kind: "gaps" }, { isWanted, draw }).catch((problem) => fill(sums, h("p", { class: "error" }, problem.message)));

  function draw(study) {
    drawProgress(progress, study);
    const { counts = {} } = study.result;
    fill(sums, h("p", { class: "line" }, Object.entries(KINDS).map(([kind, words]) => h("span", { class: "chip", data: { kind } }, `${words} ${counts[kind] ?? 0}`))),
      study.finished_at && !counts.gap && !counts.conflict && h("p", { class: "sum" }, icon("circle-check"), " ", _("No gaps and no conflicts.")));
    last = study;
    if (study.result.areas) matrix(study);
  }

  function matrix({ result: { classes, areas } }) {
    const bad = (mark) => mark === "g" || mark === "c" || mark === "s";
    const columns = classes.map((code, index) => ({ code, index })).filter(({ index }) => !onlyBad.checked || areas.some(({ cells }) => bad(cells[index])));
    const rows = areas.filter(({ cells }) => !onlyBad.checked || columns.some(({ index }) => bad(cells[index])));
    const nameOf = (code) => named(choices.classes.find((one) => one.code === code) ?? { name: code });
    const legend = h("div", { class: "legend" }, Object.entries(MARKS).map(([mark, [sign, words]]) => h("span", {}, h("i", { data: { mark } }, sign), words)), h("label", { class: "line" }, onlyBad, _("only what is not always covered")));
    const body = columns.length ? h("div", { class: "figures", tabindex: 0, role: "region", "aria-label": _("Communities and classes") }, h("table", { class: "matrix" },
      h("thead", {}, h("tr", {}, h("th", { class: "corner" }, _("Community")), columns.map(({ code }) => h("th", { title: `${code} ${nameOf(code)}` }, h("span", {}, nameOf(code)))))),
      h("tbody", {}, rows.map((area) => h("tr", {}, h("th", {}, named(area)), columns.map(({ code, index }) => h("td", {}, cell(area, code, area.cells[index], nameOf(code)))))))))
      : h("p", { class: "empty" }, _("A rule always fits, everywhere and for every class."));
    fill(wide, legend, body);
  }

  function cell(area, code, mark, className) {
    const words = `${named(area)} · ${className}: ${MARKS[mark][1]}`;
    const button = h("button", { type: "button", title: words, "aria-label": words, data: { mark }, on: { click: () => {
      wide.querySelectorAll("[aria-pressed]").forEach((one) => one.removeAttribute("aria-pressed"));
      button.setAttribute("aria-pressed", "true");
      look(area, code, className);
    } } }, MARKS[mark][0]);
    return button;
  }

  async function look(area, code, className) {
    const found = await get(`/api/routing/sets/${setId}/cell`, { area: area.code, class_code: code }).catch((problem) => fill(detail, h("p", { class: "error" }, problem.message)) && null);
    if (!found) return;
    const ruleOf = (number) => rules.find((rule) => rule.number === number);
    const line = (number) => ruleOf(number) && h("li", {}, h("span", { class: "number" }, number), h("span", {}, `${named(ruleOf(number))} → ${ruleOf(number).who}`), h("small", {}, ruleOf(number).conditions.map((one) => `${one.name}: ${one.words}`).join("; ") || _("everywhere, always")));
    fill(detail, h("h2", {}, `${named(area)} · ${className}`), h("p", {}, h("span", { class: "chip", data: { kind: found.kind } }, KINDS[found.kind])),
      found.pairs.map((pair) => h("p", { class: "error" }, _("Rules {one} and {other} have the same rank and name different units: the older decides. Give one of them another priority, or make it more specific.", { one: pair[0], other: pair[1] }))),
      found.rules.length ? h("ol", { class: "considered" }, found.rules.map(line)) : h("p", { class: "hint" }, _("No rule can speak here: such cases go to the fallback desk.")));
  }
}
