// A unit's desk, on a computer or a phone: its orders by deadline, one of them open beside them.
import { get } from "./api.js";
import { CasePanel } from "./case-panel.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { onKeys } from "./keyboard.js";
import { listen } from "./live.js";
import { tellProblem } from "./notify.js";
import { showConnection, startShell } from "./shell.js";
import { openSkills } from "./skills.js";
import { stateChip, tickTimings, timingLabel, timingMark } from "./states.js";
import { readClock, shortText, timingOf } from "./time.js";
import { comesFirst, urgencyMark } from "./urgency.js";

const COLUMNS = [
  { id: "new", name: _("To accept"), states: ["dispatched"], empty: _("No new orders.") },
  { id: "work", name: _("In work"), states: ["handling", "suspended", "disputed"], empty: _("Nothing in work.") },
  { id: "done", name: _("Reported back"), states: ["handled", "checking", "checked", "failed"], empty: _("Nothing waits for a check.") },
];
let orders = new Map();
let chosen = null;

const panel = new CasePanel(one("#panel"), {
  onChange: (item) => (keep(item), draw()),
  onClose: () => ((chosen = null), draw()),
});

async function load() {
  try {
    orders = new Map((await get("/api/orders")).map((item) => [item.id, item]));
    draw();
  } catch (problem) {
    tellProblem(problem);
  }
}

/** An order that left this unit (returned, moved, ended) leaves the board. */
function keep(item) {
  if (COLUMNS.some(({ states }) => states.includes(item.state))) orders.set(item.id, { ...orders.get(item.id), ...item });
  else orders.delete(item.id);
}

function sorted(states) {
  const due = (item) => Date.parse(item.stage_due_at || item.due_at || "") || Infinity;
  return [...orders.values()].filter(({ state }) => states.includes(state)).sort((a, b) => comesFirst(b) - comesFirst(a) || due(a) - due(b));
}

function draw() {
  fill(one("#orders"), COLUMNS.map(({ id, name, states, empty }) => {
    const items = sorted(states);
    return h("section", { class: "column", data: { column: id }, "aria-label": name },
      h("h2", {}, name, id === "work" && one("#skills") && h("button", { type: "button", class: "link", data: { open: "skills" }, on: { click: () => openSkills(one("#skills")) } }, _("Skills")), h("span", { class: "count" }, items.length)),
      items.length ? items.map(card) : h("p", { class: "empty" }, empty));
  }));
}

function card(item) {
  return h("button", { type: "button", class: "card", "aria-pressed": String(item.id === chosen), data: { case: item.id, timing: timingOf(item) }, on: { click: () => choose(item.id) } },
    h("span", { class: "line" }, timingMark(item), timingLabel(item), h("time", {}, shortText(item.occurred_at))),
    h("strong", {}, item.role === "assist" && h("em", { class: "role" }, _("assisting")), item.class_name || item.title),
    h("span", { class: "where" }, [item.address, item.community].filter(Boolean).join(" · ") || item.grid_code),
    h("span", { class: "line" }, urgencyMark(item), stateChip(item), item.handler && h("small", {}, item.handler), h("small", {}, item.number)));
}

function choose(id) {
  chosen = id;
  draw();
  panel.show(id);
}

/** A link of a notice names a case: the unit's own order, or one that has ended meanwhile. */
function openWanted() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const order = [...orders.values()].find(({ number }) => number === wanted);
  if (order) choose(order.id);
  else if (wanted) get("/api/cases", { q: wanted, limit: 1 }).then(({ items }) => items[0] && choose(items[0].id), () => {});
}

startShell();
onKeys({ "?": () => one("#help").showModal(), Escape: (event) => (event.target.matches("input, textarea, select") ? event.target.blur() : panel.close()) });
await load();
openWanted();
addEventListener("hashchange", openWanted);
setInterval(tickTimings, 15_000);
listen({
  case: (item) => {
    if (!orders.has(item.id) && item.state !== "dispatched") return;
    load();
    panel.refresh(item);
  },
  gone: (id) => orders.has(id) && load(),
  clock: readClock,
  resync: load,
  status: showConnection,
});
