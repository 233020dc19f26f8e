// Times are shown in the instance's time zone and measured on the instance's clock, which may be virtual.
import { get } from "./api.js";
import { meta } from "./dom.js";
import { _, locale } from "./i18n.js";

const timeZone = meta("time-zone") || "UTC";
const language = locale === "zh" ? "zh-CN" : "en-GB";
let offset = startingOffset();

/** A page that the service worker kept is old, and so is its clock: what was learnt since then is later. */
function startingOffset() {
  const told = meta("now") ? Date.parse(meta("now")) - Date.now() : 0;
  const learnt = localStorage.getItem("clock-offset");
  return learnt === null ? told : Math.max(told, Number(learnt));
}

/** The instance's time now, in milliseconds since 1970. */
export const now = () => Date.now() + offset;

/** The server told us its time (ISO 8601). */
export function setNow(iso) {
  offset = Date.parse(iso) - Date.now();
  localStorage.setItem("clock-offset", String(offset));
}

/** Ask the server for its time: the instance's clock was set, or runs at another rate than ours. */
export async function readClock() {
  setNow((await get("/api/me")).now);
}

const format = (options) => new Intl.DateTimeFormat(language, { timeZone, hourCycle: "h23", ...options });
const clockFormat = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const timeFormat = format({ hour: "2-digit", minute: "2-digit" });
const dayFormat = format({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
const dayOnly = new Intl.DateTimeFormat(language, { timeZone, month: "numeric", day: "numeric" });
const fullFormat = format({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dateFormat = format({ year: "numeric", month: "2-digit", day: "2-digit" });

export const clockText = () => clockFormat.format(now());
export const fullText = (iso) => (iso ? fullFormat.format(new Date(iso)) : "");

/** The zone once for the whole page: "Asia/Shanghai, UTC+8"; and whether the reader's own clock shows another time. */
export function zoneText() {
  const offset = (zone) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(now()).find(({ type }) => type === "timeZoneName").value.replace("GMT", "UTC");
  const city = offset(timeZone);
  return { zone: `${timeZone}, ${city}`, short: city, differs: offset(undefined) !== city };
}

/** "14:05" today, "3/12 14:05" on other days. */
export function shortText(iso) {
  if (!iso) return "";
  const moment = new Date(iso);
  const today = dateFormat.format(now()) === dateFormat.format(moment);
  return (today ? timeFormat : dayFormat).format(moment);
}

/** "3/12": the day without the hour. */
export const dayText = (iso) => (iso ? dayOnly.format(new Date(iso)) : "");

/** The date of `days` days ago in the instance's time zone, as 2026-03-31. */
export function dateOf(days = 0) {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(now() - days * 86_400_000);
}

/** The date so many days after `day`. Dates and times of forms are the city's: they go without a zone, and the server knows it. */
export const dayAfter = (day, days = 1) => new Date(Date.parse(`${day}T00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** The local date and time as <input type="datetime-local"> wants it. */
export function inputText(milliseconds = now()) {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  return parts.format(milliseconds).replace(" ", "T");
}

/** "3 min", "2h 05m", "4d 3h". */
export function spanText(milliseconds) {
  const minutes = Math.max(0, Math.round(Math.abs(milliseconds) / 60_000));
  if (minutes < 60) return _("{minutes} min", { minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return _("{hours}h {minutes}m", { hours, minutes: String(minutes % 60).padStart(2, "0") });
  return _("{days}d {hours}h", { days: Math.floor(hours / 24), hours: hours % 24 });
}

/** What the deadline of a case means now, in words: "35 min left", "2h 05m overdue", "stopped". */
export function timingText(item) {
  if (item.timing === "stopped") return _("clock stopped");
  const due = item.stage_due_at || item.due_at;
  if (!due) return "";
  const left = Date.parse(due) - now();
  return left >= 0 ? _("{span} left", { span: spanText(left) }) : _("{span} overdue", { span: spanText(left) });
}

/** ok, warn, overdue or stopped as of this moment: a case may fall due while we look at it. */
export function timingOf(item) {
  const due = item.stage_due_at || item.due_at;
  if (item.timing === "stopped" || !due) return item.timing || "stopped";
  return Date.parse(due) < now() ? "overdue" : item.timing === "overdue" ? "ok" : item.timing;
}
