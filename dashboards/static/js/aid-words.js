// How facts, amounts and clauses of aid read for people; the words come with the catalogue of /api/aid/catalogue.
import { get } from "./api.js";
import { h } from "./dom.js";
import { _, locale } from "./i18n.js";
import { timingLabel } from "./states.js";
import { dayText, fullText } from "./time.js";

/** {programmes, facts, purposes, relations} in the reader's language. */
export const catalogue = await get("/api/aid/catalogue");

const facts = new Map(catalogue.facts.map((fact) => [fact.name, fact]));
const programmes = new Map(catalogue.programmes.map((programme) => [programme.code, programme]));
const money = new Intl.NumberFormat(locale === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 2 });

export const programmeName = (code) => programmes.get(code)?.name ?? code;
export const programmeOf = (code) => programmes.get(code);
export const factName = (name) => facts.get(name)?.text ?? programmeName(name.replace("programme:", ""));
export const relationName = (relation) => catalogue.relations[relation] ?? relation;
export const factsOf = (subject) => catalogue.facts.filter((fact) => fact.subject === subject && !fact.derived);

/** "860 yuan a month", "3,000 yuan once"; "" where it is not known. */
export function amountText(amount, every) {
  if (amount === null || amount === undefined) return "";
  const yuan = money.format(Number(amount));
  return every === "once" ? _("{amount} yuan once", { amount: yuan }) : _("{amount} yuan a month", { amount: yuan });
}

/** What the clock of an application says: the time left, how long the notice stands, or when it was decided. */
export function stageTime({ decided_at: decided, state, notice_until: until, ...item }) {
  if (decided) return h("time", { datetime: decided, title: fullText(decided) }, _("decided {time}", { time: dayText(decided) }));
  if (state === "notice") return h("time", { datetime: until, title: fullText(until) }, _("notice until {time}", { time: dayText(until) }));
  return timingLabel({ state, ...item });
}

/** A fact's value with its unit, in words. */
export function valueText(name, value) {
  if (value === true) return _("yes");
  if (value === false) return _("no");
  if (value === null || value === undefined) return _("not stated");
  if (Array.isArray(value)) return value.map((one) => valueText(name, one)).join(" / ");
  const kind = facts.get(name);
  if (kind?.kind === "choice") return CHOICES[value] ?? value;
  if (typeof value !== "number") return String(value);
  return kind?.unit?.startsWith("CNY") ? _("{amount} yuan", { amount: money.format(value) }) : money.format(value);
}

const CHOICES = {
  none: _("none"), urban: _("urban"), rural: _("rural"), compulsory: _("compulsory school"), senior: _("senior school"), college: _("college"),
  1: _("grade 1"), 2: _("grade 2"), 3: _("grade 3"), 4: _("grade 4"),
};
export const choiceText = (choice) => CHOICES[choice] ?? choice;

const MARKS = { true: "✓", false: "✗", null: "?" };
const RESULTS = { true: _("met"), false: _("not met"), null: _("not known") };

/** One clause with what was found, what was required and the gap. */
export function clauseItem(clause) {
  const compared = ["<", "<=", ">", ">="].includes(clause.op) && typeof clause.required === "number" && facts.has(clause.fact);
  const found = compared && clause.actual !== null && _("{actual}, required {op} {required}", {
    actual: valueText(clause.fact, clause.actual), op: SIGNS[clause.op], required: valueText(clause.fact, clause.required),
  });
  const gap = clause.result === false && clause.gap ? _("short by {gap}", { gap: valueText(clause.fact, clause.gap) })
    : clause.result === null ? _("missing: {facts}", { facts: clause.missing.map(factName).join(", ") }) : "";
  return h("li", { data: { result: String(clause.result) } },
    h("b", { role: "img", "aria-label": RESULTS[clause.result] }, MARKS[clause.result]),
    h("span", {}, clause.text, h("small", {}, [found, clause.basis].filter(Boolean).join(" · "))),
    h("span", { class: "gap" }, gap));
}

const SIGNS = { "<": "<", "<=": "≤", ">": ">", ">=": "≥" };
