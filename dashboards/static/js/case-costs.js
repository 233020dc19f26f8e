// What handling a case cost: its lines with the sum, and a form for the units that work on it.
import { get, newKey, post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _, locale, named } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";

const KINDS = { labour: _("Labour"), material: _("Material"), machine: _("Machines"), contractor: _("Contractor") };
const money = (amount) => Number(amount).toLocaleString(locale === "en" ? "en-GB" : "zh-CN", { style: "currency", currency: "CNY" });

/** The section of a case's costs; null where there are none and the reader enters none. */
export function costs(detail) {
  if (!detail.costs || (!detail.costs.lines.length && !detail.costs.may_enter)) return null;
  const element = h("section", {});
  draw(element, detail, detail.costs);
  return element;
}

function draw(element, detail, { lines, total, may_enter: may }) {
  const again = (changed) => draw(element, detail, changed);
  fill(element, h("h3", {}, _("Costs")),
    lines.length > 0 && h("table", { class: "costs" },
      h("tbody", {}, lines.map((line) => row(line, detail, may, again))),
      h("tfoot", {}, h("tr", {}, h("td", {}, _("Sum")), h("td", { class: "money" }, money(total)), h("td", {})))),
    may && h("details", {}, h("summary", {}, _("Enter a cost")), form(detail, again)));
}

function row(line, detail, may, again) {
  const back = async () => {
    try {
      again(await post(`/api/cases/${detail.id}/costs/${line.id}`, {}, { method: "DELETE" }));
    } catch (problem) {
      tellProblem(problem);
    }
  };
  const gone = line.taken_back || line.takes_back_id;
  return h("tr", { class: gone ? "back" : "" },
    h("td", {}, line.what, h("div", { class: "took" }, [`${Number(line.quantity)} ${line.measure} × ${money(line.unit_price)}`, line.kind_name, line.contractor, line.unit, line.fallback && _("fallback repair")].filter(Boolean).join(" · "))),
    h("td", { class: "money" }, money(line.amount)),
    h("td", {}, may && !gone && h("button", { type: "button", class: "quiet", "aria-label": _("Take this line back"), on: { click: back } }, icon("x"))));
}

function form(detail, again) {
  const input = (name, options = {}) => h("input", { name, type: "text", ...options });
  const kind = h("select", { name: "kind" }, Object.entries(KINDS).map(([value, text]) => h("option", { value }, text)));
  const contractor = h("select", { name: "contractor_id" });
  const fields = {
    what: input("what", { maxlength: 200 }), quantity: input("quantity", { type: "number", min: "0.001", step: "0.001", value: "1" }),
    measure: input("measure", { maxlength: 20 }), unit_price: input("unit_price", { type: "number", min: "0", step: "0.01" }),
  };
  const chooser = labelled(_("Contractor"), contractor, "wide");
  chooser.hidden = true;
  kind.addEventListener("change", () => {
    chooser.hidden = kind.value !== "contractor";
    if (!chooser.hidden && !contractor.options.length) get("/api/contractors").then((all) => fill(contractor, h("option", { value: "" }, _("choose…")), all.map((one) => h("option", { value: one.id }, named(one)))), tellProblem);
  });
  const error = h("p", { class: "error wide", role: "alert", hidden: true });
  const key = newKey();
  const send = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]));
    try {
      again(await post(`/api/cases/${detail.id}/costs`, { ...values, kind: kind.value, contractor_id: contractor.value ? Number(contractor.value) : null }, { key }));
      tell(_("The cost is entered."));
    } catch (problem) {
      error.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      error.hidden = false;
    }
  };
  return h("form", { class: "cost-form", novalidate: true, on: { submit: send } },
    labelled(_("Kind"), kind), labelled(_("What for"), fields.what), chooser, labelled(_("Quantity"), fields.quantity), labelled(_("Measure"), fields.measure),
    labelled(_("Price in yuan"), fields.unit_price), h("div", { class: "buttons wide" }, h("button", { type: "submit", class: "button" }, _("Enter"))), error);
}

function labelled(text, control, kind = "") {
  return h("label", { class: `field ${kind}` }, h("span", {}, text), control);
}
