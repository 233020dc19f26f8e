// Twelve months with holidays and make-up days; a click on a day changes it; beside them who changed what.
import { get, put } from "../api.js";
import { fill, h, one } from "../dom.js";
import { _, locale } from "../i18n.js";
import { tellProblem } from "../notify.js";
import { shortText } from "../time.js";
import { saveWith } from "./dialogs.js";

const language = locale === "zh" ? "zh-CN" : "en-GB";
const inWords = (options) => (day) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(new Date(`${day}T00:00:00Z`));
const monthName = inWords({ month: "long" });
const wholeDay = inWords({ year: "numeric", month: "long", day: "numeric", weekday: "long" });
const shortDay = inWords({ year: "numeric", month: "numeric", day: "numeric" });
const weekdayName = inWords({ weekday: "narrow" });
const iso = (date) => date.toISOString().slice(0, 10);
const WEEK = [5, 6, 7, 8, 9, 10, 11].map((n) => weekdayName(`2026-01-${String(n).padStart(2, "0")}`)); // a Monday first

/** Starts the view; load() reads the year again, onLoad(known) is told what came. */
export function startYear({ onLoad }) {
  let known = null;
  const load = async (year = known?.year) => {
    known = await get("/api/working-time", { year });
    draw(known, load);
    onLoad(known);
  };
  const step = (by) => load(known.year + by).catch(tellProblem);
  one("#earlier").addEventListener("click", () => step(-1));
  one("#later").addEventListener("click", () => step(1));
  one("#complete").addEventListener("click", async () => {
    try {
      await put(`/api/working-time/years/${known.year}`, { known: known.known_by !== "city" });
      await load();
    } catch (problem) {
      tellProblem(problem);
    }
  });
  return { load };
}

function draw(known, load) {
  const special = new Map(known.days.map((day) => [day.day, day]));
  const days = known.months.reduce((sum, month) => sum + month.days, 0);
  const hours = known.months.reduce((sum, month) => sum + month.hours, 0);
  one("#year").textContent = String(known.year);
  one("#sum").textContent = _("{days} workdays, {hours} work hours", { days, hours: Math.round(hours).toLocaleString() });
  one("#source").textContent = { city: _("the city's table is complete"), published: _("holidays as published") }[known.known_by] ?? "";
  one("#unknown").hidden = known.known;
  one("#unknown").textContent = _("The holidays of {year} are not announced. Weekdays count as workdays, and deadlines that reach into it are marked as provisional.", { year: known.year });
  const complete = one("#complete");
  complete.hidden = known.known_by === "published";
  complete.textContent = known.known_by === "city" ? _("It is not complete yet") : _("The year is complete");
  fill(one("#months"), known.months.map((month, index) => drawMonth(known, index, month, special, load)));
  fill(one("#changes"), known.changes.map(change));
}

function drawMonth(known, index, { days, hours }, special, load) {
  const first = new Date(Date.UTC(known.year, index, 1));
  const before = (first.getUTCDay() + 6) % 7;
  const count = new Date(Date.UTC(known.year, index + 1, 0)).getUTCDate();
  const cells = Array.from({ length: count }, (_none, n) => cell(known, iso(new Date(Date.UTC(known.year, index, n + 1))), special, load));
  const name = monthName(iso(first));
  return h("section", { class: "month", "aria-label": name },
    h("h3", {}, name, h("small", { title: _("{days} workdays, {hours} work hours", { days, hours }) }, _("{n} d", { n: days }))),
    h("div", { class: "week heads", "aria-hidden": "true" }, WEEK.map((text) => h("span", {}, text))),
    h("div", { class: "week" }, Array.from({ length: before }, () => h("span")), cells));
}

function cell(known, day, special, load) {
  const said = special.get(day);
  const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
  const kind = !said ? (weekend ? "weekend" : "work") : !said.working ? "off" : weekend ? "on" : "work";
  const words = [wholeDay(day), stateOf(said, weekend), said?.name, said?.own && _("the city's own")].filter(Boolean).join(" · ");
  return h("button", { type: "button", class: "day", title: words, "aria-label": words, data: { day, kind, own: Boolean(said?.own) },
    "aria-current": day === known.today ? "date" : null, on: { click: () => change_(day, said, weekend, load) } }, String(Number(day.slice(8))));
}

function stateOf(said, weekend) {
  if (said) return said.working ? (weekend ? _("make-up workday") : _("a workday")) : _("holiday");
  return weekend ? _("weekend") : _("a workday");
}

/** The dialog of one day. */
function change_(day, said, weekend, load) {
  const dialog = one("#day-dialog");
  const form = one("form", dialog);
  const published = said?.own ? said.published : said;
  one("#day-title").textContent = wholeDay(day);
  one("#day-published").textContent = published ? _("As published: {state}", { state: [stateOf(published, weekend), published.name].filter(Boolean).join(" · ") }) : "";
  one("#day-usual").textContent = published ? _("as published: {state}", { state: stateOf(published, weekend) }) : _("as its weekday: {state}", { state: stateOf(null, weekend) });
  form.elements.working.value = said?.own ? (said.working ? "yes" : "no") : "usual";
  form.elements.name.value = said?.own ? said.name : "";
  form.elements.name_en.value = form.elements.note.value = "";
  saveWith(dialog, () => put(`/api/working-time/days/${day}`, {
    working: { yes: true, no: false, usual: null }[form.elements.working.value],
    ...Object.fromEntries(["name", "name_en", "note"].map((name) => [name, form.elements[name].value.trim()])),
  }), load);
}

function change({ source, note, recorded_at: at, by_name: by, days, first_days: first, years, hours_added: added, hours_ended: ended }) {
  const where = source === "page" ? by : source === "before editions" ? _("taken over") : source;
  const lines = [
    ...(first ?? []).map(({ day, working, name }) => `${shortDay(day)}: ${working === null ? _("as usual again") : working ? _("a workday") : _("holiday")}${name ? ` · ${name}` : ""}`),
    days > 3 && _("and {n} more days", { n: days - 3 }),
    ...[true, false].map((known) => {
      const year = Object.keys(years ?? {}).filter((each) => years[each] === known).join(", ");
      return year && (known ? _("Complete: {year}", { year }) : _("Not complete: {year}", { year }));
    }),
    ...(added ?? []).map((name) => _("Hours added: {name}", { name })),
    ...(ended ?? []).map((name) => _("Hours ended or shortened: {name}", { name })),
  ].filter(Boolean);
  return h("li", {}, lines.map((line) => h("div", {}, line)), h("small", {}, [shortText(at), where, note].filter(Boolean).join(" · ")));
}
