// Working hours by season: added, ended, and the whole year of them as a picture.
import { post } from "../api.js";
import { fill, h, icon, one } from "../dom.js";
import { _, locale, named } from "../i18n.js";
import { tellProblem } from "../notify.js";
import { saveWith } from "./dialogs.js";

const HEADS = [_("Season"), _("From"), _("Until"), _("Shifts"), ""];
const MOST_SHIFTS = 6;
const USUAL = [["08:00", "12:00"], ["14:00", "18:00"]];
const language = locale === "zh" ? "zh-CN" : "en-GB";
const monthName = (month) => new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2026, month, 1)));

/** Starts the view; draw(known) shows what the server knows, onChange() is called after a change. */
export function startHours({ onChange }) {
  let known = null;
  fill(one("#hours thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
  one("#add-hours").addEventListener("click", () => add(known, onChange));
  one("#add-shift").addEventListener("click", () => one("#shifts").childElementCount < MOST_SHIFTS && one("#shifts").append(shiftRow(["", ""])));
  return {
    draw(fresh) {
      known = fresh;
      fill(one("#hours tbody"), known.hours.map((hours) => row(hours, known, onChange)), usual(known));
      drawStrip(known);
    },
  };
}

const written = (shifts) => shifts.map(([opens, closes]) => `${opens}–${closes}`).join("  ");
const worked = (shifts) => shifts.reduce((sum, [opens, closes]) => sum + ((minutes(closes) - minutes(opens) + 1440 - 1) % 1440) + 1, 0) / 60;
const minutes = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function row(hours, known, onChange) {
  const over = hours.ends !== null && hours.ends <= known.today;
  const end = h("button", { type: "button", class: "button small", on: { click: () => endToday(hours, known, onChange) } }, icon("x"), hours.begins >= known.today ? _("Remove") : _("End today"));
  return h("tr", { data: { over, hours: hours.id } },
    h("th", { scope: "row" }, named(hours)),
    h("td", {}, hours.yearly ? _("each year from {day}", { day: hours.begins.slice(5) }) : hours.begins, hours.yearly && h("small", {}, _("since {day}", { day: hours.begins }))),
    h("td", {}, hours.ends ?? "–"),
    h("td", {}, written(hours.shifts), h("small", {}, _("{n} hours a day", { n: worked(hours.shifts).toLocaleString() }))),
    h("td", {}, over ? null : end));
}

function usual({ by_default: shifts }) {
  return h("tr", {}, h("th", { scope: "row" }, _("When none of these holds")), h("td", {}, "–"), h("td", {}, "–"), h("td", {}, written(shifts), h("small", {}, _("{n} hours a day", { n: worked(shifts).toLocaleString() }))), h("td"));
}

async function endToday(hours, known, onChange) {
  try {
    await post(`/api/working-time/hours/${hours.id}/end`, { ends: hours.begins >= known.today ? hours.begins : known.today });
    await onChange();
  } catch (problem) {
    tellProblem(problem);
  }
}

function shiftRow([opens, closes]) {
  const time = (value, label) => h("input", { type: "time", value, required: true, "aria-label": label });
  const line = h("div", { class: "shift" }, time(opens, _("opens")), "–", time(closes, _("closes")), h("button", { type: "button", class: "quiet", "aria-label": _("Remove"), on: { click: () => line.remove() } }, icon("x")));
  return line;
}

function add(known, onChange) {
  const dialog = one("#hours-dialog");
  const form = one("form", dialog);
  form.reset();
  form.elements.begins.value = known.today;
  fill(one("#shifts"), USUAL.map(shiftRow));
  saveWith(dialog, () => post("/api/working-time/hours", {
    name: form.elements.name.value.trim(), name_en: form.elements.name_en.value.trim(), begins: form.elements.begins.value, yearly: form.elements.yearly.checked,
    shifts: [...one("#shifts").children].map((line) => [...line.querySelectorAll("input")].map((input) => input.value)),
  }), onChange);
}

/** What holds in the middle of each month of the year, drawn from midnight to midnight. */
function drawStrip(known) {
  const months = Array.from({ length: 12 }, (_none, month) => holding(known, `${known.year}-${String(month + 1).padStart(2, "0")}-15`));
  const bars = ([opens, closes]) => {
    const [from, to] = [minutes(opens), minutes(closes)];
    const parts = to > from ? [[from, to]] : [[from, 1440], [0, to]];
    return parts.filter(([a, b]) => b > a).map(([a, b]) => {
      const bar = h("i");
      bar.style.top = `${a / 14.4}%`; // set through the script's own style object: the page's policy allows no style attribute
      bar.style.height = `${(b - a) / 14.4}%`;
      return bar;
    });
  };
  fill(one("#strip"), h("span"), months.map((_none, month) => h("span", { class: "head" }, monthName(month))),
    h("div", { class: "clock" }, ["0:00", "6:00", "12:00", "18:00", "24:00"].map((text) => h("span", {}, text))),
    months.map((shifts) => h("div", { class: "bar-month", title: written(shifts) }, shifts.map(bars))));
  one("#strip").setAttribute("aria-label", _("Working hours of {year} by month", { year: known.year }));
}

/** The shifts in force on a day, as dispatch/calendars/working.py finds them. */
function holding({ hours, by_default: usualShifts }, day) {
  const began = ({ begins, yearly }) => {
    if (!yearly) return begins;
    const thisYear = day.slice(0, 4) + begins.slice(4);
    return thisYear <= day ? thisYear : String(Number(day.slice(0, 4)) - 1) + begins.slice(4);
  };
  const inForce = hours.filter(({ begins, ends }) => begins <= day && (ends === null || day < ends));
  const last = inForce.reduce((best, one_) => (best && began(best) > began(one_) ? best : one_), null);
  return last?.shifts ?? usualShifts;
}
