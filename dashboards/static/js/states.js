// How states and timing look: always a shape and a word, colour only supports them.
import { h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { timingOf, timingText } from "./time.js";

const words = JSON.parse(one("#words").textContent);

/** {code: {name, group}} in the order a case passes through them; the page carries it from dispatch/workflow.py. */
export const STATES = words.states;

/** Farther from the case than this many metres, the server wants a word in the note (D9). */
export const ON_SITE_M = words.on_site_m;

/** How large in MB and how many photos, films and voice notes may be: {photo, film, sound, files, films}. */
export const LIMITS = words.limits;

/** The name of a move, as its button shows it. */
export const moveName = (move) => words.moves[move] ?? move;

/** The name of a post, as the history shows who acted. */
export const postName = (post) => words.posts[post] ?? post;

/** Who has the case now; the letter stands in its symbol on the map. */
export const GROUPS = {
  centre: { name: _("at the centre"), letter: _("C") },
  field: { name: _("with an inspector"), letter: _("I") },
  unit: { name: _("with a unit"), letter: _("U") },
  ended: { name: _("ended"), letter: "✓" },
};

export const TIMINGS = {
  overdue: _("overdue"),
  warn: _("due soon"),
  ok: _("in time"),
  stopped: _("clock stopped"),
};

const SOURCES = { inspector: _("inspector"), hotline: _("hotline"), citizen: _("citizen"), sensor: _("device alarm"), camera: _("camera"), other: _("other system") };

/** Who told us, in words. */
export const sourceName = (source) => SOURCES[source] ?? source;

export const groupOf = (state) => STATES[state]?.group ?? "centre";
export const hasEnded = (item) => groupOf(item.state) === "ended";
export const stateName = (item) => STATES[item.state]?.name ?? item.state;

/** A word with the mark of its group. */
export function stateChip(item) {
  return h("span", { class: "chip", data: { group: groupOf(item.state) } }, stateName(item));
}

/** The shape of the timing: diamond, triangle, circle, square. */
export function timingMark(item) {
  const timing = timingOf(item);
  return h("span", { class: "mark", data: { timing }, role: "img", "aria-label": TIMINGS[timing] ?? timing });
}

/** Words that count down; kept up to date by `tickTimings`. */
export function timingLabel(item) {
  const label = h("span", { class: "timing" });
  label.item = item;
  paint(label);
  return label;
}

/** Bring every countdown on the page up to now. */
export function tickTimings() {
  document.querySelectorAll(".timing").forEach((label) => label.item && paint(label));
}

function paint(label) {
  label.dataset.timing = timingOf(label.item);
  label.textContent = hasEnded(label.item) ? "" : timingText(label.item);
}
