// The assessor's formulas: seen by all who see figures, changed with a day and a reason; what was, stays in the list below.
import { get, post } from "./api.js";
import { all, fill, h, one } from "./dom.js";
import { _, locale } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { dateOf, dayText } from "./time.js";

/** {open()}; `changed()` when a formula was changed; `names()` gives what counts are called. */
export function formulaEditor(dialog, changed, names) {
  const form = one("form", dialog);
  const fields = form.elements;
  let known = { indicators: [], scores: [], counts: [], awaited: [] };

  async function open() {
    const found = await get("/api/evaluation/formulas").catch(tellProblem);
    if (!found) return;
    known = found;
    const option = (kind) => (each) => h("option", { value: `${kind}:${each.code}` }, `${each.definition[locale] ?? each.definition.en}${each.past.length ? " *" : ""}`);
    fill(fields.what, h("optgroup", { label: _("Indicators") }, known.indicators.map(option("indicator"))), h("optgroup", { label: _("Composite scores") }, known.scores.map(option("score"))));
    fill(one("#f-counts"), [...known.counts, ...known.awaited.filter((count) => !known.counts.includes(count))].map((count) => [h("code", {}, count), `${names()[count] ?? ""} `]), h("code", {}, "of_most(…)"), _("share of the largest among the rows compared"));
    fields.valid_from.value = dateOf(0);
    fields.reason.value = "";
    draw();
    dialog.showModal();
  }

  function chosen() {
    const [kind, code] = fields.what.value.split(":");
    return { kind, code, ...(kind === "score" ? known.scores : known.indicators).find((each) => each.code === code) };
  }

  function draw() {
    const { kind, definition, past } = chosen();
    fields.zh.value = definition.zh;
    fields.en.value = definition.en;
    one("#f-one").hidden = kind === "score";
    fields.formula.value = definition.formula ?? "";
    fill(one("#f-parts"), (definition.parts ?? []).map((part) => h("div", { class: "part" },
      h("input", { type: "number", min: 1, max: 100, value: part.weight, "aria-label": _("Weight") }), h("input", { value: part.zh, "aria-label": _("Chinese name") }),
      h("input", { value: part.en, "aria-label": _("English name") }), h("input", { value: part.formula, "aria-label": _("Formula"), spellcheck: "false" }))));
    fill(one("#f-past"), past.map((each) => h("li", {}, _("from {day}: {formula} ({who}: {reason})", { day: dayText(each.valid_from), formula: each.definition.formula ?? each.definition.parts.map((part) => `${part.weight} × ${part.formula}`).join(" + "), who: each.name, reason: each.reason }))));
    one("#f-problem").hidden = true;
  }

  function definition({ kind, definition: was }) {
    const common = { zh: fields.zh.value, en: fields.en.value };
    if (kind === "indicator") return { ...common, formula: fields.formula.value, better: was.better };
    const parts = all("#f-parts .part").map((part) => {
      const [weight, zh, en, formula] = all("input", part).map((input) => input.value);
      return { weight: Number(weight), zh, en, formula };
    });
    return { ...common, parts, grades: was.grades };
  }

  async function save() {
    const what = chosen();
    try {
      await post("/api/evaluation/formulas", { kind: what.kind, code: what.code, definition: definition(what), valid_from: fields.valid_from.value, reason: fields.reason.value });
      dialog.close();
      tell(_("The formula is in force from {day}.", { day: fields.valid_from.value }));
      changed();
    } catch (problem) {
      fill(one("#f-problem"), [problem.message, problem.nextStep].filter(Boolean).join(" ")).hidden = false;
    }
  }

  fields.what.addEventListener("change", draw);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "save") return;
    event.preventDefault();
    save();
  });
  return { open };
}
