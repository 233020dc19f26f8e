// The aid desk: what lies here, all applications of the area, households to look up; one of them open beside the list.
import { get } from "./api.js";
import { showApplication } from "./aid-application.js";
import { askPurpose, showHousehold } from "./aid-household.js";
import { showRegistration } from "./aid-register.js";
import { programmeName, stageTime } from "./aid-words.js";
import { all, debounce, fill, h, icon, one } from "./dom.js";
import { _, named } from "./i18n.js";
import { onKeys } from "./keyboard.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { tickTimings, timingMark } from "./states.js";

const list = one("#list");
const detail = one("#detail");
let view = "own";
let desk = { own: [], all: [], counts: {}, reach: {} };
let households = [];
let chosen = null;

async function load() {
  try {
    desk = await get("/api/aid/desk");
    one("#area").textContent = named(desk.reach);
    one("#own-count").textContent = desk.counts.here || "";
    one("#figures").textContent = _("{open} open, {notice} on notice, {late} late here", { open: desk.counts.open, notice: desk.counts.on_notice, late: desk.counts.late });
    draw();
  } catch (problem) {
    tellProblem(problem);
  }
}

function show(name) {
  view = name;
  for (const tab of all("#views button")) tab.setAttribute("aria-selected", String(tab.dataset.view === name));
  one("#finder").hidden = name !== "households";
  if (name === "households") find();
  draw();
}

function draw() {
  const items = view === "households" ? households.map(householdRow) : desk[view].map(applicationRow);
  const nothing = { own: _("Nothing lies on your desk."), all: _("No applications yet."), households: _("No household found.") }[view];
  fill(list, items.length ? items : h("div", { class: "empty" }, icon("circle-check"), h("p", {}, nothing)));
}

function applicationRow(item) {
  return row(`a${item.id}`, () => openApplication(item.id), { timing: item.timing, number: item.number }, timingMark(item),
    h("span", { class: "what" }, `${item.applicant} · ${item.programme_name}`), stageTime(item),
    h("span", { class: "where" }, h("span", { class: "chip", data: { level: item.level ?? "" } }, item.state_name), h("span", { class: "place" }, item.community)),
    h("span", { class: "number" }, item.number));
}

function householdRow(item) {
  return row(`h${item.id}`, () => openHousehold(item.id), {}, icon("users"), h("span", { class: "what" }, item.head || `#${item.id}`), h("span", { class: "hint" }, _("{size} persons", { size: item.size })),
    h("span", { class: "where" }, h("span", {}, [named({ name: item.community, name_en: item.community_en }), item.address].filter(Boolean).join(" · "))), h("small", {}, item.receiving.map(programmeName).join(", ")));
}

function row(key, open, data, ...cells) {
  return h("div", { class: "row", role: "option", id: `row-${key}`, "aria-selected": String(key === chosen), data: { key, ...data }, on: { click: open } }, cells);
}

function choose(key) {
  chosen = key;
  for (const each of all(".row", list)) each.setAttribute("aria-selected", String(each.dataset.key === key));
  list.setAttribute("aria-activedescendant", one(`#row-${key}`) ? `row-${key}` : "");
  one(`#row-${key}`)?.scrollIntoView({ block: "nearest" });
}

/** On a narrow screen the detail takes the place of the list. */
function open(key) {
  choose(key);
  one("#main").dataset.open = "1";
}

function back() {
  delete one("#main").dataset.open;
  list.focus();
}

async function openApplication(id) {
  open(`a${id}`);
  try {
    await showApplication(detail, id, { onChange: load, onOpen: openHousehold });
  } catch (problem) {
    tellProblem(problem);
  }
}

async function openHousehold(id) {
  const purpose = await askPurpose();
  if (!purpose) return;
  open(`h${id}`);
  try {
    await showHousehold(detail, id, purpose, { onApplied: async (application) => {
      tell(_("Application {number} has been entered.", { number: application.number }));
      await load();
      openApplication(application.id);
    } });
  } catch (problem) {
    tellProblem(problem);
  }
}

async function find() {
  try {
    households = await get("/api/aid/households", { q: one("#finder [name=q]").value.trim() });
    draw();
  } catch (problem) {
    tellProblem(problem);
  }
}

function walk(step) {
  const rows = all(".row", list);
  const at = rows.findIndex((each) => each.dataset.key === chosen);
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.click();
}

await load(); // what may be done depends on whose desk this is
startShell();
all("#views button").forEach((tab) => tab.addEventListener("click", () => show(tab.dataset.view)));
one("#finder").addEventListener("submit", (event) => (event.preventDefault(), find()));
one("#finder [name=q]").addEventListener("input", debounce(find, 250));
one("#register")?.addEventListener("click", () => (desk.reach.level === "community"
  ? (open(null), showRegistration(detail, desk.reach.area_code, { onRegistered: (id, doubts) => (tell(doubts.length ? _("Registered; look at the ID numbers once more: a region code is unknown.") : _("Registered.")), find(), openHousehold(id)) }))
  : tell(_("Households are registered at their community."))));
one("#back").addEventListener("click", back);
list.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  walk(step);
});
onKeys({ Escape: back, j: () => walk(1), k: () => walk(-1), "/": () => (show("households"), one("#finder [name=q]").focus()), "?": () => one("#help").showModal() });
fill(detail, h("div", { class: "empty" }, icon("heart-handshake"), h("p", {}, _("Choose an application or a household on the left."))));
setInterval(tickTimings, 15_000);
setInterval(load, 60_000);
