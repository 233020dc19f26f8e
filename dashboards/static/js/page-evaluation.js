// Evaluation: figures by topic as a table whose numbers lead to their cases, the days as a curve, the topic's rates as bars.
import { get } from "./api.js";
import { dailyChart, rateChart } from "./charts.js";
import { all, debounce, fill, h, one } from "./dom.js";
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

const LABELS = new Map([...COUNTS, ...RATES]);

/** What is looked at together: topic → its groups of columns. Every figure stands in a topic of its own stage. */
const TOPICS = {
  overview: [_("Overview"), [
    [_("Cases"), ["reported", "filed", "handled", "closed", HOURS]],
    [_("Done"), ["handling_rate", "closing_rate"]], [_("In time"), ["in_time_handling_rate", "in_time_closing_rate"]], [_("Quality"), ["rework_rate"]],
  ]],
  intake: [_("Verification and filing"), [
    [_("Verification"), ["to_verify", "verified_in_time", "in_time_verification_rate"]],
    [_("Filing"), ["filed", "filed_in_time", "in_time_filing_rate"]], [_("Accuracy"), ["filed_accurately", "voided", "accurate_filing_rate"]],
  ]],
  dispatch: [_("Dispatch"), [
    [_("In time"), ["to_dispatch", "dispatched", "dispatched_in_time", "in_time_dispatch_rate"]],
    [_("Accuracy"), ["dispatched_accurately", "misdispatched", "accurate_dispatch_rate"]],
  ]],
  handling: [_("Handling and check"), [
    [_("Handling"), ["to_handle", "handled", "handling_rate", "handled_in_time", "in_time_handling_rate"]],
    [_("Check"), ["to_check", "checked_in_time", "in_time_check_rate"]], [_("Rework"), ["rework", "rework_rate"]],
  ]],
  closing: [_("Closing"), [
    [_("Closed"), ["to_close", "closed", "closing_rate", HOURS]], [_("By the due time"), ["to_close_by_due_time", "closed_in_time", "in_time_closing_rate"]],
    [_("Closing step"), ["to_conclude", "concluded_in_time", "in_time_conclusion_rate"]],
  ]],
};

const form = one("#period");
const daily = dailyChart(one("#daily"));
const behind = figureCases(one("#behind"));
const bars = rateChart(one("#bars"));
let answer = { rows: [], daily: [] };
let topic = "overview";
let order = { name: "reported", up: false };

async function load() {
  const { from, to, by } = form.elements;
  try {
    answer = await get("/api/evaluation", { from: from.value, to: dayAfter(to.value), by: by.value });
  } catch (problem) {
    return tellProblem(problem);
  }
  draw();
}

function draw() {
  const rows = [...answer.rows].sort((a, b) => compare(value(a, order.name), value(b, order.name)) * (order.up ? 1 : -1));
  const { runs_out: runsOut, until } = answer.calendar ?? {};
  one("#calendar").hidden = !runsOut;
  one("#calendar").textContent = until ? _("Holidays are known until {day}; deadlines after that count every weekday as a workday. The administrator imports the next year's calendar.", { day: until })
    : _("No holidays are known: deadlines count every weekday as a workday. The administrator imports a calendar.");
  const groups = TOPICS[topic][1];
  const { from, to, by } = form.elements;
  history.replaceState(null, "", `?from=${from.value}&to=${to.value}&by=${by.value}&show=${topic}`);
  for (const range of all("#ranges button")) range.setAttribute("aria-pressed", String(to.value === dateOf(0) && from.value === dateOf(Number(range.dataset.days))));
  for (const tab of all("#topics button")) tab.setAttribute("aria-pressed", String(tab.dataset.topic === topic));
  one("#empty").hidden = rows.length > 0;
  one("#figures").hidden = rows.length === 0;
  fill(one("#figures thead"),
    h("tr", {}, h("th", { scope: "col", rowspan: 2, ...sorted("name") }, sorter("name", by.selectedOptions[0].textContent)),
      groups.map(([label, names]) => h("th", { scope: "colgroup", colspan: names.length, class: "begins" }, label))),
    h("tr", {}, groups.flatMap(([, names]) => names.map((name, place) => h("th", { scope: "col", class: place ? "" : "begins", ...sorted(name) }, sorter(name, LABELS.get(name)))))));
  fill(one("#figures tbody"), rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.name || _("(none)")), groups.flatMap(([, names]) => names.map((name, place) => cell(row, name, place ? "" : " begins"))))));
  daily.draw(answer.daily);
  bars.draw(rows, groups.flatMap(([, names]) => names).filter((name) => RATES.some(([rate]) => rate === name)).slice(-3).map((name) => [name, LABELS.get(name)]));
}

function value(row, name) {
  return row[name] ?? row.rates[name] ?? null;
}

function cell(row, name, begins) {
  const number = value(row, name);
  if (number === null) return h("td", { class: `none${begins}` }, "–");
  if (name === HOURS) return h("td", { class: begins }, spanText(number * 3_600_000));
  if (name in row.rates) return h("td", { class: `rate${begins}` }, h("meter", { min: 0, max: 1, value: number, "aria-hidden": "true" }), `${(number * 100).toFixed(1)} %`);
  return h("td", { class: begins }, number ? h("button", { type: "button", class: "figure", on: { click: () => showCases(row, name) } }, number) : "0");
}

/** Every number leads to the cases it counts. */
function showCases(row, figure) {
  const { from, to, by } = form.elements;
  const label = LABELS.get(figure);
  behind.show(`${row.name} · ${label}`, { from: from.value, to: dayAfter(to.value), by: by.value, key: row.key, figure });
}

/** How a column is sorted, for its heading. */
const sorted = (name) => ({ "aria-sort": order.name === name ? (order.up ? "ascending" : "descending") : "none" });

function sorter(name, label) {
  return h("button", { type: "button", on: { click: () => {
    order = { name, up: order.name === name ? !order.up : name === "name" };
    draw();
  } } }, label);
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
topic = asked.get("show") in TOPICS ? asked.get("show") : topic;
fill(one("#topics"), Object.entries(TOPICS).map(([name, [label]]) => h("button", { type: "button", data: { topic: name }, on: { click: () => {
  topic = name;
  draw();
} } }, label)));
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
