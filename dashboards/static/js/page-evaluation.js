// Evaluation: the rates as a table whose numbers lead to their cases, the days as a curve, the rates as bars.
import { get } from "./api.js";
import { dailyChart, rateChart } from "./charts.js";
import { debounce, fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { figureCases } from "./figure-cases.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { dateOf, spanText } from "./time.js";

const HOURS = "median_hours_to_close";
const COUNTS = [
  ["reported", _("reported")], ["to_verify", _("to verify")], ["verified_in_time", _("verified in time")],
  ["filed", _("filed")], ["filed_in_time", _("filed in time")], ["filed_accurately", _("filed accurately")], ["voided", _("voided")],
  ["to_dispatch", _("to dispatch")], ["dispatched", _("dispatched")], ["dispatched_in_time", _("dispatched in time")],
  ["dispatched_accurately", _("dispatched accurately")], ["misdispatched", _("misdispatched")],
  ["to_handle", _("to handle")], ["handled", _("handled")], ["handled_in_time", _("handled in time")],
  ["to_check", _("to check")], ["checked_in_time", _("checked in time")],
  ["to_close", _("to close")], ["to_close_by_due_time", _("to close, with a due time")], ["closed", _("closed")], ["closed_in_time", _("closed in time")],
  ["to_conclude", _("closing steps due")], ["concluded_in_time", _("closing steps in time")], ["rework", _("reworked")], [HOURS, _("median time to close")],
];
const RATES = [
  ["handling_rate", _("handling rate")], ["in_time_handling_rate", _("in-time handling rate")], ["closing_rate", _("closing rate")], ["in_time_closing_rate", _("in-time closing rate")],
  ["in_time_verification_rate", _("in-time verification rate")], ["in_time_filing_rate", _("in-time filing rate")], ["accurate_filing_rate", _("accurate filing rate")],
  ["in_time_dispatch_rate", _("in-time dispatch rate")], ["accurate_dispatch_rate", _("accurate dispatch rate")], ["in_time_check_rate", _("in-time check rate")],
  ["in_time_conclusion_rate", _("in-time closing step rate")], ["rework_rate", _("rework rate")],
];

const form = one("#period");
const daily = dailyChart(one("#daily"));
const behind = figureCases(one("#behind"));
const bars = rateChart(one("#bars"));
let answer = { rows: [], daily: [] };
let order = { name: "reported", up: false };

async function load() {
  const { from, to, by } = form.elements;
  try {
    answer = await get("/api/evaluation", { from: from.value, to: dayAfter(to.value), by: by.value });
  } catch (problem) {
    return tellProblem(problem);
  }
  history.replaceState(null, "", `?from=${from.value}&to=${to.value}&by=${by.value}`);
  draw();
}

function draw() {
  const rows = [...answer.rows].sort((a, b) => compare(value(a, order.name), value(b, order.name)) * (order.up ? 1 : -1));
  const columns = [COUNTS[0], ...RATES, ...COUNTS.slice(1)];
  one("#empty").hidden = rows.length > 0;
  one("#figures").hidden = rows.length === 0;
  fill(one("#figures thead tr"), heading("name", form.elements.by.selectedOptions[0].textContent), columns.map(([name, label]) => heading(name, label)));
  fill(one("#figures tbody"), rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.name || _("(none)")), columns.map(([name]) => cell(row, name)))));
  daily.draw(answer.daily);
  bars.draw(rows, [RATES[1], RATES[3]]);
}

function value(row, name) {
  return row[name] ?? row.rates[name] ?? null;
}

function cell(row, name) {
  const number = value(row, name);
  if (number === null) return h("td", { class: "none" }, "–");
  if (name === HOURS) return h("td", {}, spanText(number * 3_600_000));
  if (name in row.rates) return h("td", { class: "rate" }, h("meter", { min: 0, max: 1, value: number, "aria-hidden": "true" }), `${(number * 100).toFixed(1)} %`);
  return h("td", {}, number ? h("button", { type: "button", class: "figure", on: { click: () => showCases(row, name) } }, number) : "0");
}

/** Every number leads to the cases it counts. */
function showCases(row, figure) {
  const { from, to, by } = form.elements;
  const label = COUNTS.find(([name]) => name === figure)[1];
  behind.show(`${row.name} · ${label}`, { from: from.value, to: dayAfter(to.value), by: by.value, key: row.key, figure });
}

function heading(name, label) {
  const sort = order.name === name ? (order.up ? "ascending" : "descending") : "none";
  return h("th", { scope: "col", "aria-sort": sort }, h("button", { type: "button", on: { click: () => {
    order = { name, up: order.name === name ? !order.up : name === "name" };
    draw();
  } } }, label));
}

/** The API's period is half open: the chosen last day belongs to it. */
function dayAfter(date) {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}

const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b) : (a ?? -1) - (b ?? -1));

startShell();
const asked = new URLSearchParams(location.search);
form.elements.from.value = asked.get("from") || dateOf(30);
form.elements.to.value = asked.get("to") || dateOf(0);
form.elements.by.value = asked.get("by") || "unit";
form.addEventListener("change", debounce(load, 150));
form.addEventListener("submit", (event) => event.preventDefault());
one("#ranges").addEventListener("click", (event) => {
  const days = event.target.dataset.days;
  if (days === undefined) return;
  form.elements.from.value = dateOf(Number(days));
  form.elements.to.value = dateOf(0);
  load();
});
addEventListener("theme", draw);
await load();
