// Registering a household at the community: who lives there, and the few facts that every programme asks for.
import { post } from "./api.js";
import { all, fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { catalogue, choiceText, factsOf, relationName } from "./aid-words.js";

/** Show the form in `element` for a community's area code; onRegistered(id, doubts). */
export function showRegistration(element, areaCode, { onRegistered }) {
  const members = h("div", { class: "report" });
  const add = (relation) => members.append(memberRow(relation, (row) => members.children.length > 1 && row.remove()));
  const facts = factsOf("household");
  const error = h("p", { class: "error", role: "alert", hidden: true });
  const form = h("form", { class: "sheet", novalidate: true }, h("div", { class: "head" }, h("h2", {}, _("Register a household"))),
    h("section", {}, h("h3", {}, _("Where")), h("div", { class: "report" }, field(_("Address"), h("input", { name: "address", maxlength: 500 })), field(_("Telephone"), h("input", { name: "phone", maxlength: 40, inputmode: "tel" })))),
    h("section", {}, h("h3", {}, _("Members")), members, h("div", { class: "buttons" }, h("button", { type: "button", class: "button small", on: { click: () => add("other") } }, icon("plus"), _("One more member")))),
    h("section", {}, h("h3", {}, _("What is known")), h("p", { class: "hint" }, _("Leave open what was not asked: what is missing never counts as zero.")), h("div", { class: "pairs" }, facts.map(factField))),
    error, h("div", { class: "buttons" }, h("button", { class: "button primary" }, _("Register"))));
  add("head");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const body = { area_code: areaCode, address: one("[name=address]", form).value.trim(), phone: one("[name=phone]", form).value.trim(), people: all(".member", members).map(person), facts: stated(form, facts) };
      const { id, doubts } = await post("/api/aid/households", body);
      onRegistered(id, doubts);
    } catch (problem) {
      error.hidden = false;
      error.textContent = `${problem.message} ${problem.nextStep ?? ""}`;
    }
  });
  fill(element, form);
}

const field = (name, control) => h("label", { class: "field" }, h("span", { class: "label" }, name), control);

function memberRow(relation, onRemove) {
  const options = Object.keys(catalogue.relations).map((key) => h("option", { value: key, selected: key === relation }, relationName(key)));
  const row = h("div", { class: "member" }, field(_("Name"), h("input", { name: "name", maxlength: 80 })), field(_("Relation"), h("select", { name: "relation" }, options)),
    field(_("ID number"), h("input", { name: "id_number", maxlength: 40, autocomplete: "off", inputmode: "text" })),
    h("button", { type: "button", class: "quiet", "aria-label": _("Remove"), on: { click: () => onRemove(row) } }, icon("x")));
  return row;
}

function factField(fact) {
  if (fact.kind === "number") return field(fact.text, h("input", { type: "number", min: 0, step: "any", name: `fact-${fact.name}` }));
  const options = fact.kind === "flag" ? [["true", _("yes")], ["false", _("no")]] : fact.choices.map((choice) => [choice, choiceText(choice)]);
  return field(fact.text, h("select", { name: `fact-${fact.name}` }, h("option", { value: "" }, _("not stated")), options.map(([key, text]) => h("option", { value: key }, text))));
}

const person = (row) => Object.fromEntries(["name", "relation", "id_number"].map((name) => [name, one(`[name=${name}]`, row).value.trim() || null]));

function stated(form, facts) {
  const entries = facts.map((fact) => [fact, one(`[name=fact-${fact.name}]`, form).value]).filter(([, raw]) => raw !== "");
  return Object.fromEntries(entries.map(([fact, raw]) => [fact.name, fact.kind === "number" ? Number(raw) : fact.kind === "flag" ? raw === "true" : raw]));
}
