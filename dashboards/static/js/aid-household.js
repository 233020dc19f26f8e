// A household's record, opened for a purpose: who lives there, what is known, and every programme with its reasons.
import { post } from "./api.js";
import { all, fill, h, icon, meta, one } from "./dom.js";
import { tellFaults } from "./faults.js";
import { _ } from "./i18n.js";
import { pairs } from "./aid-application.js";
import { amountText, catalogue, choiceText, clauseItem, factName, factsOf, programmeName, programmeOf, relationName, valueText } from "./aid-words.js";
import { tell, tellProblem } from "./notify.js";

const SEX = { male: _("male"), female: _("female") };
const may = new Set(meta("permissions").split(" "));
const ORDER = ["eligible", "undetermined", "receiving", "blocked", "not_eligible"];

/** Ask for the purpose; resolves to {purpose, reason}, or null when the user thinks better of it. */
export function askPurpose() {
  const dialog = one("#purpose");
  const select = one("select", dialog);
  if (!select.options.length) select.append(...Object.entries(catalogue.purposes).map(([name, words]) => h("option", { value: name }, words)));
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue ? { purpose: select.value, reason: one("textarea", dialog).value.trim() } : null), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

/** Open household `id` in `element` for a purpose; onApplied(application) when an application was entered. */
export async function showHousehold(element, id, purpose, { onApplied }) {
  const load = async () => fill(element, sheet(await post(`/api/aid/households/${id}/open`, purpose), { purpose, load, onApplied }));
  await load();
}

function sheet(record, { purpose, load, onApplied }) {
  const { household, facts, members } = record;
  const ranked = [...record.assessments].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const open = ({ outcome }) => !["blocked", "not_eligible"].includes(outcome);
  const shut = (found) => !open(found);
  const draw = (found) => programme(found, record, onApplied);
  return h("div", { class: "sheet", data: { household: household.id } },
    h("div", { class: "head" }, h("h2", {}, members[0]?.name ?? ""), h("span", { class: "hint" }, _("household {id}", { id: household.id })),
      h("span", { class: "hint" }, icon("map-pin"), [household.subdistrict, household.community, household.address].filter(Boolean).join(" › "))),
    h("section", {}, h("h3", {}, _("Programmes")), h("div", { class: "programmes" }, ranked.filter(open).map(draw)),
      h("details", {}, h("summary", {}, _("Programmes that do not fit ({count})", { count: ranked.filter(shut).length })), h("div", { class: "programmes" }, ranked.filter(shut).map(draw)))),
    h("section", { class: "people" }, h("h3", {}, _("Members")), table(members, purpose)),
    h("section", {}, h("h3", {}, _("What is known")), h("dl", { class: "pairs" }, catalogue.facts.filter(({ subject }) => subject === "household").map(({ name }) => h("div", {}, h("dt", {}, factName(name)), h("dd", {}, valueText(name, facts[name]))))),
      may.has("household.enter") && factForm(household.id, members, load)));
}

function table(members, purpose) {
  const heads = [_("Name"), _("Relation"), _("Sex"), _("Age"), _("ID number"), _("Known of the person")];
  return h("table", {}, h("thead", {}, h("tr", {}, heads.map((text) => h("th", { scope: "col" }, text)))),
    h("tbody", {}, members.map((member) => h("tr", {}, h("th", { scope: "row" }, member.name), h("td", {}, relationName(member.relation)), h("td", {}, SEX[member.sex]), h("td", {}, member.age),
      h("td", {}, numberOf(member, purpose)), h("td", {}, known(member.facts))))));
}

function numberOf(member, purpose) {
  if (member.id_kind !== "national") return _("temporary key");
  const shown = h("span", {}, member.id_number);
  if (!may.has("id_number.see")) return shown;
  return [shown, " ", h("button", { type: "button", class: "button small", on: { click: async (event) => {
    try {
      shown.textContent = (await post(`/api/aid/people/${member.person_id}/id-number`, purpose)).id_number;
      event.target.remove();
    } catch (problem) {
      tellProblem(problem);
    }
  } } }, _("show"))];
}

function known(facts) {
  const worth = Object.entries(facts).filter(([name, value]) => name !== "age" && value !== false && value !== "none");
  return worth.map(([name, value]) => (value === true ? factName(name) : `${factName(name)}: ${valueText(name, value)}`)).join("; ") || "–";
}

function programme(found, record, onApplied) {
  const about = programmeOf(found.programme);
  const clauses = found.outcome === "not_eligible" || found.outcome === "undetermined" ? found.reasons : found.clauses;
  const open = ["eligible", "undetermined", "not_eligible"].includes(found.outcome) && may.has("aid.accept");
  const room = h("div", {});
  return h("article", { class: "programme", data: { outcome: found.outcome, programme: found.programme } },
    h("div", { class: "line" }, h("strong", {}, programmeName(found.programme)), h("span", { class: "chip", data: { outcome: found.outcome } }, found.outcome_name),
      about && h("span", { class: "hint" }, [about.statutory ? _("statutory") : _("non-statutory"), about.department].join(" · ")),
      h("span", { class: "amount" }, ["eligible", "receiving"].includes(found.outcome) && amountText(found.amount, found.every))),
    found.outcome === "receiving" && found.qualifies === false && h("p", { class: "error" }, _("Does not qualify any more: review.")),
    found.blocked_by && h("p", { class: "hint" }, _("Excluded by {programme}.", { programme: programmeName(found.blocked_by) })),
    h("ul", { class: "clauses" }, clauses.map(clauseItem)),
    open && h("div", { class: "buttons" }, h("button", { type: "button", class: `button small${found.outcome === "eligible" ? " primary" : ""}`, data: { apply: found.programme }, on: { click: () => fill(room, applyForm(found, record, onApplied, () => fill(room))) } }, icon("send"), _("Apply"))), room);
}

function applyForm(found, record, onApplied, onCancel) {
  const who = h("select", { name: "applicant_id", "aria-label": _("Applicant") }, record.members.map((member) => h("option", { value: member.person_id }, `${member.name} (${relationName(member.relation)})`)));
  const signed = h("input", { type: "checkbox", name: "authorised" });
  const element = h("form", { class: "report", novalidate: true }, h("div", { class: "field" }, h("span", { class: "label" }, _("Applicant")), who),
    h("label", { class: "check" }, signed, _("Every adult member has signed that income and property may be verified.")),
    h("div", { class: "buttons" }, h("button", { class: "button primary" }, _("Enter the application")), h("button", { type: "button", class: "button", on: { click: onCancel } }, _("Cancel"))));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const body = { household_id: record.household.id, programme: found.programme, applicant_id: Number(who.value), authorised: signed.checked };
      onApplied(await post("/api/aid/applications", body));
    } catch (problem) {
      tellFaults(element, problem);
    }
  });
  return element;
}

function factForm(householdId, members, load) {
  const subject = h("select", { name: "person_id", "aria-label": _("Of whom") }, h("option", { value: "" }, _("the household")), members.map((member) => h("option", { value: member.person_id }, member.name)));
  const name = h("select", { "aria-label": _("Fact") });
  const value = h("span", {});
  const source = h("input", { name: "source", maxlength: 200, placeholder: _("Source: document, visit, check…"), "aria-label": _("Source") });
  const chosen = () => factsOf(subject.value ? "person" : "household").find((fact) => fact.name === name.value);
  const offer = () => fill(name, factsOf(subject.value ? "person" : "household").map((fact) => h("option", { value: fact.name }, fact.text)));
  const ask = () => fill(value, control(chosen()));
  subject.addEventListener("change", () => (offer(), ask()));
  name.addEventListener("change", ask);
  offer();
  ask();
  const element = h("form", { class: "line", novalidate: true }, subject, name, value, source, h("button", { class: "button" }, _("Enter the fact")));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await post(`/api/aid/households/${householdId}/facts`, { facts: { [name.value]: read(chosen(), value) }, source: source.value.trim(), person_id: subject.value ? Number(subject.value) : null });
      tell(_("Stated: {fact}", { fact: factName(name.value) }));
      await load();
    } catch (problem) {
      tellFaults(element, problem);
    }
  });
  return h("details", {}, h("summary", {}, _("State a fact")), element);
}

function control(fact) {
  if (fact.kind === "number") return h("input", { type: "number", min: 0, step: "any", "aria-label": fact.text });
  const options = fact.kind === "flag" ? [["true", _("yes")], ["false", _("no")]] : fact.choices.map((choice) => [choice, choiceText(choice)]);
  return h("select", { "aria-label": fact.text }, options.map(([key, text]) => h("option", { value: key }, text)));
}

function read(fact, room) {
  const raw = all("input, select", room)[0].value;
  if (fact.kind === "number") return raw === "" ? null : Number(raw);
  return fact.kind === "flag" ? raw === "true" : raw;
}
