// Who leads the inspectors: shifts and attendance, how the ground is walked, tracks for a purpose, surveys, bulletins.
import { get, post } from "./api.js";
import { bulletinList } from "./bulletins.js";
import { fill, h, icon, meta, one } from "./dom.js";
import { _, locale } from "./i18n.js";
import { createMap } from "./map.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { dateOf, dayAfter, fullText, now, shortText } from "./time.js";

const may = new Set(meta("permissions").split(" "));
const ATTENDANCE = { planned: _("planned"), absent: _("not there yet"), missed: _("did not come"), late: _("came late"), on_duty: _("on shift"), done: _("worked") };
const BAD = new Set(["absent", "missed", "late"]);
const percent = (share) => `${Math.round(share * 100)} %`;
const filters = one("#filters");
const { map, add } = createMap(one("#map"));
const empty = { type: "FeatureCollection", features: [] };
let grids = empty;
let track = empty;

add({
  install(target, theme) {
    const ink = theme === "dark" ? "#ffffff" : "#16191d";
    target.addSource("patrol", { type: "geojson", data: grids });
    target.addSource("track", { type: "geojson", data: track });
    target.addLayer({ id: "patrol-ground", type: "fill", source: "patrol", paint: { "fill-color": ["step", ["get", "visits"], "#c2410c", 1, "#e3a62f", 2, "#5fa55a", 4, "#1f6f43"], "fill-opacity": 0.5 } });
    target.addLayer({ id: "patrol-line", type: "line", source: "patrol", paint: { "line-color": ink, "line-opacity": 0.4, "line-width": 0.8 } });
    target.addLayer({ id: "track-line", type: "line", source: "track", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": "#1668b3", "line-width": 4 } });
  },
});
map.on("click", "patrol-ground", ({ features: [{ properties }] }) => {
  one("#pointed").textContent = _("{code}: {visits} visits; last {time}", { code: properties.code, visits: properties.visits, time: properties.last_at && properties.last_at !== "null" ? fullText(properties.last_at) : _("never") });
});

const span = () => {
  const day = filters.elements.day.value;
  return { since: `${day}T00:00`, until: `${dayAfter(day, Number(filters.elements.days.value))}T00:00` };
};

async function load() {
  try {
    const [shifts, coverage, surveys] = await Promise.all([get("/api/patrol/shifts", span()), get("/api/patrol/coverage", span()), get("/api/patrol/surveys")]);
    grids = coverage.grids;
    map.getSource("patrol")?.setData(grids);
    drawShifts(shifts);
    drawWalks(coverage.walks);
    drawSurveys(surveys);
  } catch (problem) {
    tellProblem(problem);
  }
}

function drawShifts(shifts) {
  const count = (kinds) => shifts.filter(({ attendance }) => kinds.includes(attendance)).length;
  one("#attendance").textContent = shifts.length ? _("{all} shifts, {on} on shift, {bad} late or missing", { all: shifts.length, on: count(["on_duty"]), bad: count([...BAD]) }) : _("No shifts on these days.");
  fill(one("#shifts"), shifts.map((shift) => h("li", { class: "entry", data: { attendance: shift.attendance } },
    h("div", { class: "line" }, h("strong", {}, shift.inspector), h("span", { class: `chip ${BAD.has(shift.attendance) ? "bad" : ""}` }, ATTENDANCE[shift.attendance]),
      may.has("shift.plan") && !shift.checked_in_at && h("button", { type: "button", class: "quiet", "aria-label": _("Take this shift away"), on: { click: () => take(shift) } }, icon("x")),
      may.has("track.see") && shift.points > 0 && h("button", { type: "button", class: "quiet", "aria-label": _("Show the track"), on: { click: () => askPurpose(shift) } }, icon("route"))),
    h("small", {}, [`${shortText(shift.starts_at)} – ${shortText(shift.ends_at)}`, shift.checked_in_at && _("in {time}", { time: shortText(shift.checked_in_at) }), shift.checked_out_at && _("out {time}", { time: shortText(shift.checked_out_at) }), shift.grids.join(", ")].filter(Boolean).join(" · ")))));
}

function drawWalks(walks) {
  fill(one("#walks"), walks.map((walk) => h("li", { class: "entry" },
    h("div", { class: "line" }, h("strong", {}, walk.code), h("span", {}, walk.inspector ?? _("nobody")), h("span", { class: "took" }, percent(walk.coverage))),
    h("progress", { max: 1, value: walk.coverage, "aria-label": _("Share of its unit grids that were visited") }),
    h("small", {}, _("{visited} of {grids} unit grids, {visits} visits", walk)))));
}

function drawSurveys(surveys) {
  fill(one("#surveys"), surveys.map((survey) => h("li", { class: "entry" },
    h("div", { class: "line" }, h("strong", {}, survey.title), h("span", {}, survey.area), h("span", { class: "took" }, survey.closed_at ? _("ended") : _("until {time}", { time: shortText(survey.ends_at) }))),
    h("progress", { max: Math.max(1, survey.grids), value: survey.visited, "aria-label": _("Unit grids gone through") }),
    h("small", {}, _("{visited} of {grids} unit grids, {found} found", survey)))));
}

async function take(shift) {
  try {
    await post(`/api/patrol/shifts/${shift.id}`, {}, { method: "DELETE" });
    load();
  } catch (problem) {
    tellProblem(problem);
  }
}

/** A track is read for a purpose, which is written down: the reader is told so before. */
function askPurpose(shift) {
  const purpose = h("input", { name: "purpose", type: "text", maxlength: 200, required: true });
  const show = async (event) => {
    event.preventDefault();
    try {
      track = await get(`/api/patrol/tracks/${shift.account_id}`, { purpose: purpose.value, since: shift.checked_in_at, until: shift.checked_out_at });
      map.getSource("track")?.setData(track);
      fill(one("#purpose"));
    } catch (problem) {
      tellProblem(problem);
    }
  };
  fill(one("#purpose"), h("form", { class: "purpose", on: { submit: show } }, h("label", { class: "field" }, h("span", {}, _("Why do you look at the track of {name}? It is written down.", { name: shift.inspector })), purpose), h("button", { class: "button primary" }, _("Show the track"))));
  purpose.focus();
}

function dialogs({ inspectors, areas, posts }) {
  if (may.has("shift.plan")) {
    const form = one("#plan");
    form.hidden = one("#survey").hidden = false;
    fill(form.elements.who, inspectors.map((person) => h("option", { value: person.id }, person.name)));
    fill(one("#survey").elements.area, areas.map((area) => h("option", { value: area.code }, (locale === "en" && area.name_en) || area.name)));
    form.addEventListener("submit", plan);
    one("#survey").addEventListener("submit", survey);
  }
  if (may.has("bulletin.make")) {
    one("#bulletin").hidden = false;
    fill(one("#bulletin").elements.posts, posts.map(({ post: value, name }) => h("option", { value }, name)));
    one("#bulletin").addEventListener("submit", publish);
  }
}

async function plan(event) {
  event.preventDefault();
  const { who, from, to, begin, end } = event.target.elements;
  const shifts = [];
  for (let day = from.value; day <= to.value; day = dayAfter(day, 1)) {
    const last = end.value <= begin.value ? dayAfter(day, 1) : day; // a night shift ends on the next day
    for (const option of who.selectedOptions) shifts.push({ account_id: Number(option.value), starts_at: `${day}T${begin.value}`, ends_at: `${last}T${end.value}` });
  }
  await send("/api/patrol/shifts", { shifts }, _("{count} shifts planned.", { count: shifts.length }), event.target);
}

async function survey(event) {
  event.preventDefault();
  const { title, area, until, instructions } = event.target.elements;
  const body = { title: title.value, area_code: area.value, starts_at: new Date(now()).toISOString(), ends_at: `${until.value}T23:59:59`, instructions: instructions.value };
  if (await send("/api/patrol/surveys", body, _("The survey has begun."), event.target)) event.target.reset();
}

async function publish(event) {
  event.preventDefault();
  const { title, text, posts } = event.target.elements;
  const body = { title: title.value, text: text.value, posts: [...posts.selectedOptions].map(({ value }) => value) };
  if (await send("/api/patrol/bulletins", body, _("The bulletin is out."), event.target)) event.target.reset();
  bulletins.load();
}

async function send(path, body, said, form) {
  const error = form.querySelector(".error");
  error.hidden = true;
  try {
    await post(path, body);
    tell(said);
    load();
    return true;
  } catch (problem) {
    error.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
    error.hidden = false;
    return false;
  }
}

for (const input of document.querySelectorAll('input[type="date"]')) input.value = dateOf();
filters.addEventListener("change", load);
const bulletins = bulletinList({ manage: true });
one("#bulletins").append(bulletins.element);
startShell();
get("/api/patrol/people").then(dialogs, tellProblem);
load();
setInterval(load, 60_000);
