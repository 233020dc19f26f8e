// Evaluation: figures by topic as a table whose numbers lead to their cases, the days as a curve, the topic's rates as bars.
import { download, get } from "./api.js";
import { countChart, dailyChart, rateChart } from "./charts.js";
import { all, debounce, fill, h, one } from "./dom.js";
import { HOURS, scoreTopic, TOPICS } from "./evaluation-topics.js";
import { heatMap } from "./evaluation-heat.js";
import { figureCases } from "./figure-cases.js";
import { formulaEditor } from "./formula-editor.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { dateOf, spanText } from "./time.js";

const FILTERS = ["area", "unit_id", "class_code", "source", "centre_id", "compare", "known"];
const form = one("#period");
const fields = form.elements;
const daily = dailyChart(one("#daily"), showDay);
const behind = figureCases(one("#behind"));
const bars = rateChart(one("#bars"), ({ row, rate }) => indicator(rate) && showCases(row, indicator(rate).formula.match(/[a-z_]+/)[0], fields.by.value));
const top = countChart(one("#top"), ({ row }) => showCases(row, one("#figure").value, fields.by.value));
const heat = heatMap(one("#heat"), (code) => showCases({ key: code, name: code }, one("#figure").value, "grid"));
const editor = formulaEditor(one("#editor"), load, () => answer.names);
let answer = { rows: [], total: [], daily: [], names: {}, indicators: [], score: null };
let topic = "overview";
let order = { name: "reported", up: false };

/** The period is half open: the chosen last day belongs to it. A past date is known as it was when its day ended. */
function question() {
  const asked = { from: fields.from.value, to: dayAfter(fields.to.value) };
  for (const name of FILTERS) if (fields[name].value) asked[name] = fields[name].value;
  if (asked.known) asked.known = asked.known < dateOf(0) ? dayAfter(asked.known) : undefined;
  return asked;
}

async function load() {
  try {
    answer = await get("/api/evaluation", { ...question(), by: fields.by.value });
  } catch (problem) {
    return tellProblem(problem);
  }
  draw();
}

const topics = () => (answer.score ? { score: scoreTopic(answer.score), ...TOPICS } : TOPICS);
const groupsNow = () => (topics()[topic] ?? TOPICS.overview)[1];

/** What a column is called: a count, an indicator, a part of the score. */
function label(name) {
  if (name === HOURS) return _("median time to close");
  if (name === "points") return _("points");
  if (name === "grade") return _("grade");
  if (name.startsWith("part:")) return `${answer.score.parts[name.slice(5)].name} ${answer.score.parts[name.slice(5)].weight} %`;
  return answer.names[name] ?? indicator(name)?.name ?? name;
}

const indicator = (code) => answer.indicators.find((each) => each.code === code);

function draw() {
  const rows = [...answer.rows].sort((a, b) => compare(value(a, order.name), value(b, order.name)) * (order.up ? 1 : -1));
  drawNotices();
  const groups = groupsNow();
  const shown = new URLSearchParams({ from: fields.from.value, to: fields.to.value, by: fields.by.value, show: topic });
  for (const name of FILTERS) if (fields[name].value) shown.set(name, fields[name].value);
  history.replaceState(null, "", `?${shown}`);
  for (const range of all("#ranges button")) range.setAttribute("aria-pressed", String(periodOf(range).join() === [fields.from.value, fields.to.value].join()));
  fill(one("#topics"), Object.entries(topics()).map(([name, [text]]) => h("button", { type: "button", data: { topic: name }, "aria-pressed": String(name === topic), on: { click: () => {
    topic = name;
    draw();
  } } }, text)));
  one("#empty").hidden = rows.length > 0;
  one("#figures").hidden = rows.length === 0;
  fill(one("#figures thead"),
    h("tr", {}, h("th", { scope: "col", rowspan: 2, ...sorted("name") }, sorter("name", fields.by.selectedOptions[0]?.textContent ?? "")),
      groups.map(([text, names]) => h("th", { scope: "colgroup", colspan: names.length, class: "begins" }, text))),
    h("tr", {}, groups.flatMap(([, names]) => names.map((name, place) => h("th", { scope: "col", class: place ? "" : "begins", title: formulaText(name), ...sorted(name) }, sorter(name, label(name)))))));
  const line = (row, by, of) => h("tr", { class: of }, h("th", { scope: "row" }, row.name || _("(none)")), groups.flatMap(([, names]) => names.map((name, place) => cell(row, name, place ? "" : " begins", by))));
  fill(one("#figures tbody"), rows.map((row) => line(row, fields.by.value, "")), rows.length > 1 && answer.total.map((row) => line(row, "city", "total")));
  drawCharts(rows, groups);
}

function drawNotices() {
  const { runs_out: runsOut, until } = answer.calendar ?? {};
  one("#calendar").hidden = !runsOut;
  one("#calendar").textContent = until ? _("Holidays are known until {day}; deadlines after that count every weekday as a workday. The administrator imports the next year's calendar.", { day: until })
    : _("No holidays are known: deadlines count every weekday as a workday. The administrator imports a calendar.");
  one("#waiting").hidden = !answer.waiting;
  one("#waiting").textContent = _("{count} changes of cases are still being counted; the figures catch up by themselves.", { count: answer.waiting ?? 0 });
  const names = groupsNow().flatMap(([, columns]) => columns);
  const awaited = [...answer.indicators.filter(({ code }) => names.includes(code)), ...(topic === "score" ? answer.score?.parts ?? [] : [])].filter(({ awaits }) => awaits.length);
  one("#awaited").hidden = !awaited.length;
  one("#awaited").textContent = awaited.map(({ name, awaits }) => _("{name}: not yet measurable, needs {what}.", { name, what: awaits.join(", ") })).join(" ");
}

function drawCharts(rows, groups) {
  daily.draw(answer.daily);
  const what = one("#what").value;
  one("#bars").hidden = what !== "rates";
  one("#top").hidden = what !== "top";
  one("#heat").hidden = what !== "heat";
  one("#figure").hidden = what === "rates";
  const figure = one("#figure").value || "reported";
  fill(one("#figure"), Object.entries(answer.names).map(([name, text]) => h("option", { value: name }, text)));
  one("#figure").value = figure in answer.names ? figure : "reported";
  if (what === "rates" && topic === "score") bars.draw(rows.filter(({ score }) => score).map((row) => ({ ...row, rates: { points: row.score.points === null ? null : row.score.points / 100 } })), [["points", _("Score")]]);
  else if (what === "rates") bars.draw(rows, groups.flatMap(([, names]) => names).filter(indicator).slice(-3).map((name) => [name, label(name)]));
  if (what === "top") top.draw(rows.map((row) => ({ name: row.name || _("(none)"), number: row[figure] ?? 0, row })).filter(({ number }) => number).sort((a, b) => b.number - a.number));
  if (what === "heat") heat.show({ ...question(), figure });
}

const formulaText = (name) => indicator(name)?.formula ?? (name.startsWith("part:") ? answer.score.parts[name.slice(5)].formula : "");

function value(row, name) {
  if (name === "points" || name === "grade") return row.score?.[name] ?? null;
  if (name.startsWith("part:")) return row.score?.parts[name.slice(5)] ?? null;
  return row[name] ?? row.rates[name] ?? null;
}

function cell(row, name, begins, by) {
  const number = value(row, name);
  if (number === null) return h("td", { class: `none${begins}` }, "–");
  if (name === HOURS) return h("td", { class: begins }, spanText(number * 3_600_000));
  if (name === "grade") return h("td", { class: begins }, h("span", { class: "grade", data: { grade: number } }, number));
  if (name === "points" || name.startsWith("part:")) return h("td", { class: begins }, number.toFixed(1));
  if (name in row.rates) return h("td", { class: `rate${begins}` }, h("meter", { min: 0, max: 1, value: number, "aria-hidden": "true" }), `${(number * 100).toFixed(1)} %`, delta(row, name, number));
  return h("td", { class: begins }, number ? h("button", { type: "button", class: "figure", on: { click: () => showCases(row, name, by) } }, number) : "0", delta(row, name, number));
}

/** How a number changed since the period it is compared with: counts in per cent, rates in points. */
function delta(row, name, number) {
  if (!fields.compare.value || !row.earlier) return null;
  const before = row.earlier[name] ?? row.earlier.rates[name] ?? null;
  if (before === null || (!(name in row.rates) && !before)) return null;
  const change = name in row.rates ? (number - before) * 100 : ((number - before) / before) * 100;
  const better = indicator(name)?.better;
  const good = better && change ? (change > 0 === (better === "more") ? "good" : "bad") : "";
  return h("small", { class: `delta ${good}` }, `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change).toFixed(1)}${name in row.rates ? ` ${_("pts")}` : " %"}`);
}

/** Every number leads to the cases it counts. */
function showCases(row, figure, by) {
  behind.show(`${row.name} · ${label(figure)}`, { ...question(), compare: undefined, by, key: row.key ?? undefined, figure });
}

/** A point of the days leads to what was reported, or closed, on its day. */
function showDay({ date, figure }) {
  const asked = { ...question(), from: date, to: dayAfter(date), compare: undefined, known: undefined };
  behind.show(`${date} · ${label(figure)}`, figure === "closed" ? { ...asked, by: "city", closed: true } : { ...asked, by: "city", key: "city", figure });
}

/** How a column is sorted, for its heading. */
const sorted = (name) => ({ "aria-sort": order.name === name ? (order.up ? "ascending" : "descending") : "none" });

function sorter(name, text) {
  return h("button", { type: "button", on: { click: () => {
    order = { name, up: order.name === name ? !order.up : name === "name" };
    draw();
  } } }, text);
}

function dayAfter(date) {
  return new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
}

/** First and last day of what a button stands for: so many days until today, or a whole month. */
function periodOf({ dataset: { days, month } }) {
  if (month === undefined) return [dateOf(Number(days)), dateOf(0)];
  const [year, number] = dateOf(0).split("-").map(Number);
  const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
  const last = month === "0" ? dateOf(0) : iso(Date.UTC(year, number - Number(month), 0));
  return [iso(Date.UTC(year, number - 1 - Number(month), 1)), last];
}

const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b ?? "") : (a ?? -1) - (b ?? -1));

const report = (format) => download("/api/evaluation/report", { parameters: { month: fields.from.value.slice(0, 7), format } }).catch(tellProblem);

startShell();
const asked = new URLSearchParams(location.search);
const choices = await get("/api/evaluation/choices").catch(tellProblem);
if (choices) {
  const option = ({ key, name }) => h("option", { value: key }, name);
  const groups = (list, names) => Object.entries(names).map(([level, text]) => h("optgroup", { label: text }, list.filter((each) => each.level === level).map(option)));
  fill(fields.by, h("optgroup", { label: _("Cases") }, choices.by.filter(({ person }) => !person).map(option)), h("optgroup", { label: _("People") }, choices.by.filter(({ person }) => person).map(option)));
  fill(fields.area, h("option", { value: "" }, _("all areas")), groups(choices.areas, { district: _("District"), subdistrict: _("Sub-district"), community: _("Community") }));
  fill(fields.unit_id, h("option", { value: "" }, _("all units")), choices.units.map(option));
  fill(fields.class_code, h("option", { value: "" }, _("all classes")), groups(choices.majors, { component: _("Components"), matter: _("Matters") }));
  fill(fields.source, h("option", { value: "" }, _("all sources")), choices.sources.map(option));
  fill(fields.centre_id, h("option", { value: "" }, _("all centres")), choices.centres.map(option));
}
fields.from.value = asked.get("from") || dateOf(30);
fields.to.value = asked.get("to") || dateOf(0);
fields.by.value = asked.get("by") || "unit";
for (const name of FILTERS) fields[name].value = asked.get(name) || "";
topic = asked.get("show") === "score" || asked.get("show") in TOPICS ? asked.get("show") : topic;
form.addEventListener("change", debounce(() => {
  if (topic === "score" || choices?.by.find(({ key }) => key === fields.by.value)?.person) topic = choices?.by.find(({ key }) => key === fields.by.value)?.person ? "score" : "overview";
  load();
}, 150));
form.addEventListener("submit", (event) => event.preventDefault());
one("#what").addEventListener("change", draw);
one("#figure").addEventListener("change", draw);
one("#pdf").addEventListener("click", () => report("pdf"));
one("#xlsx").addEventListener("click", () => report("xlsx"));
one("#formulas").addEventListener("click", () => editor.open());
one("#ranges").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  [fields.from.value, fields.to.value] = periodOf(button);
  load();
});
addEventListener("theme", draw);
await load();
