// One rule as a form: what it is called, who is responsible, and where all of its conditions hold.
import { post, put } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";
import { tell } from "../notify.js";
import { conditionField } from "./conditions.js";

let serial = 0;

/** Fill `content` with the form of `rule` (null: a new one, of priority `usual`) in draft `setId`; onDone() when it is kept or given up. */
export function drawForm(content, rule, { setId, choices, ground, usual, onDone }) {
  const fields = new Map();
  const name = input({ maxlength: 80, value: rule?.name ?? "" });
  const nameEn = input({ maxlength: 120, value: rule?.name_en ?? "" });
  const priority = input({ type: "number", min: 1, max: 9999, value: rule?.priority ?? usual });
  const target = h("select", {}, Object.entries(choices.words.targets).map(([value, text]) => h("option", { value }, text)));
  const unit = h("select", {}, h("option", { value: "" }, _("choose…")), choices.units.map((one) => h("option", { value: one.id }, named(one))));
  const why = h("textarea", { rows: 2, maxlength: 2000 });
  const list = h("div", { class: "pad-less" });
  const more = h("select", { "aria-label": _("Add a condition"), on: { change: () => more.value && (add(more.value, null), (more.value = "")) } });
  const wrong = h("p", { class: "error", role: "alert", hidden: true });
  const unitField = labelled(_("Unit"), unit, true);
  target.value = rule?.target ?? "unit";
  unit.value = rule?.unit_id ?? "";
  target.addEventListener("change", () => (unitField.hidden = target.value !== "unit"));
  unitField.hidden = target.value !== "unit";

  const form = h("form", { class: "rule-form", novalidate: true, on: { submit: (event) => (event.preventDefault(), keep()) } },
    h("h2", {}, rule ? _("Rule {number}", { number: rule.number }) : _("New rule")),
    h("div", { class: "pair" }, labelled(_("Name of the rule"), name, true), labelled(_("English name"), nameEn)),
    h("div", { class: "pair" }, labelled(_("Who is responsible"), target), unitField),
    h("fieldset", {}, h("legend", {}, _("Where all of this holds")), list, more),
    h("div", { class: "pair narrow" }, labelled(_("Why (for whoever approves)"), why), labelled(_("Priority"), priority)),
    h("p", { class: "hint" }, _("The smaller priority is asked first. Among equals the more specific rule comes first.")),
    wrong,
    h("div", { class: "buttons" }, h("button", { class: "button primary" }, icon("check"), _("Keep in the draft")), h("button", { type: "button", class: "button", on: { click: leave } }, _("Cancel")),
      rule && h("button", { type: "button", class: "button", on: { click: remove } }, icon("x"), _("Take this rule out"))));

  for (const [key, wanted] of Object.entries(rule?.matches ?? {})) add(key, wanted);
  offer();
  if (rule?.ground) (ground.showZone(rule.ground), ground.seek(rule.ground));
  fill(content, form);
  name.focus();

  function add(key, wanted) {
    const field = conditionField(key, wanted, choices, ground);
    const block = h("div", { class: "condition", data: { condition: key } }, h("h3", {}, choices.words.conditions[key]),
      h("button", { type: "button", class: "quiet", "aria-label": _("Take out {name}", { name: choices.words.conditions[key] }), on: { click: () => (block.remove(), fields.delete(key), offer()) } }, icon("x")), h("div", {}, field.element));
    fields.set(key, field);
    list.append(block);
    offer();
    if (wanted === null) block.querySelector("input, select, button:not(.quiet)")?.focus();
  }
  function offer() {
    fill(more, h("option", { value: "" }, fields.size ? _("and…  add a condition") : _("everywhere, always…  add a condition")), Object.entries(choices.words.conditions).filter(([key]) => !fields.has(key)).map(([key, text]) => h("option", { value: key }, text)));
  }
  async function keep() {
    const matches = Object.fromEntries([...fields].map(([key, field]) => [key, field.value()]).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length)));
    if (matches.ground?.kind === "zone") matches.ground.name ||= name.value.trim();
    const body = { name: name.value.trim(), name_en: nameEn.value.trim(), priority: Number(priority.value) || 100, target: target.value, unit_id: target.value === "unit" && unit.value ? Number(unit.value) : null, matches, why: why.value.trim() };
    const path = `/api/routing/sets/${setId}/rules`;
    await attempt(() => (rule ? put(`${path}/${rule.number}`, body) : post(path, body)), _("The rule is in the draft."));
  }
  const remove = () => attempt(() => post(`/api/routing/sets/${setId}/rules/${rule.number}/remove`, { why: why.value.trim() }), _("The rule is out of the draft."));
  async function attempt(act, words) {
    try {
      await act();
      tell(words);
      leave();
    } catch (problem) {
      wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      wrong.hidden = false;
    }
  }
  function leave() {
    ground.stop();
    onDone();
  }
}

const input = (attributes) => h("input", { type: "text", ...attributes });
function labelled(words, control, required = false) {
  control.id = `rule-${(serial += 1)}`;
  return h("div", { class: "field" }, h("label", { for: control.id }, words, required && h("em", {}, _("required"))), control);
}
