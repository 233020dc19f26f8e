// The inspector's phone: tasks by distance, reports with photo and place, and what still waits to be sent.
import { get } from "./api.js";
import { fill, h, icon, meta, one } from "./dom.js";
import { _ } from "./i18n.js";
import { listen } from "./live.js";
import { tell, tellProblem, warn } from "./notify.js";
import { bulletinList } from "./bulletins.js";
import { OfflineQueue } from "./offline-queue.js";
import { phoneReport } from "./phone-report.js";
import { phoneTask } from "./phone-task.js";
import { distanceText, locate, metresBetween } from "./position.js";
import { showConnection, startShell } from "./shell.js";
import { tickTimings, timingLabel, timingMark } from "./states.js";
import { shiftStrip } from "./shift-strip.js";
import { readClock, shortText } from "./time.js";
import { comesFirst, urgencyMark } from "./urgency.js";

const views = ["tasks", "report", "queue", "task"];
const KEPT = `inspector-tasks ${meta("user")}`; // each inspector sees their own
let tasks = [];
let here = null;
let reached = true; // by the last request for the tasks

const queue = new OfflineQueue({
  user: meta("user"),
  onChange: drawQueue,
  onSent: (entry, answer) => {
    tell(answer.case ? _("Sent: case {number}.", { number: answer.case.number }) : _("Sent: {title}.", { title: entry.title }));
    if (answer.reading) warn(_("Case {number}: {advice}", { number: answer.case.number, advice: answer.reading.advice }));
    else if (answer.placed && !answer.placed.grid) warn(_("The place of case {number} lies outside the city. The centre has it, but nobody can be sent there: report again with the place chosen on the map.", { number: answer.case.number }));
    loadTasks();
  },
});
const report = phoneReport({ queue, onKept: () => show("queue") });
one("#report-view").append(report.element);
one("#tasks-view").prepend(shiftStrip());
one("#tasks-view").append(bulletinList().element);

/** Show one of the views; the bar below follows. */
function show(name) {
  for (const view of views) one(`#${view}-view`).hidden = view !== name;
  for (const tab of document.querySelectorAll("#tabs button")) tab.setAttribute("aria-current", String(tab.dataset.view === name));
  if (name === "report") report.start();
  scrollTo(0, 0);
}

async function loadTasks() {
  try {
    tasks = await get("/api/tasks");
    localStorage.setItem(KEPT, JSON.stringify(tasks));
    one("#tasks-old").hidden = true;
    reached = true;
  } catch (problem) {
    if (!problem.isTemporary) return tellProblem(problem);
    reached = false;
    tasks = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    one("#tasks-old").hidden = false;
  }
  showReception();
  drawTasks();
}

function drawTasks() {
  const away = (task) => (here && task.case.lon !== null ? metresBetween(here, task.case) : task.distance_m ?? Infinity);
  tasks.sort((a, b) => comesFirst(b.case) - comesFirst(a.case) || away(a) - away(b));
  one("#tasks-count").textContent = tasks.length || "";
  fill(one("#tasks"), tasks.length ? tasks.map((task) => taskCard(task, away(task))) : h("div", { class: "empty" },
    icon("circle-check"), h("p", {}, _("No tasks for you now.")), h("p", { class: "next" }, _("New ones appear here by themselves. You can report what you see."))));
}

function taskCard(task, metres) {
  const item = { ...task.case, due_at: task.due_at, stage_due_at: task.due_at };
  return h("li", {}, h("button", { type: "button", class: "card", data: { task: task.id }, on: { click: () => openTask(task) } },
    h("span", { class: "line" }, h("span", { class: "chip", data: { group: "field" } }, task.kind === "verify" ? _("verify") : _("check")), urgencyMark(task.case), timingMark(item), timingLabel(item),
      h("span", { class: "distance" }, Number.isFinite(metres) ? distanceText(metres) : "")),
    h("strong", {}, task.case.class_name || task.case.title),
    h("span", { class: "where" }, [task.case.address, task.case.community].filter(Boolean).join(" · ") || task.case.grid_code),
    h("small", {}, `${task.case.number} · ${shortText(task.case.occurred_at)}`)));
}

function openTask(task) {
  fill(one("#task-view"), phoneTask(task, { queue, here, onBack: () => show("tasks"), onKept: () => {
    tasks = tasks.filter(({ id }) => id !== task.id);
    drawTasks();
    show("tasks");
  } }));
  show("task");
}

function drawQueue(entries) {
  const count = one("#queue-count");
  count.textContent = entries.length || "";
  one("#queue-empty").hidden = entries.length > 0;
  one("#send-now").hidden = entries.length === 0;
  fill(one("#queue"), entries.map((entry) => h("li", { class: "card", data: { state: entry.problem ? "problem" : "waiting" } },
    h("span", { class: "line" }, icon(entry.problem ? "alert-triangle" : "cloud-upload"), h("strong", {}, entry.title), h("time", {}, shortText(entry.made_at))),
    h("p", {}, entry.problem ? `${entry.problem.message} ${entry.problem.nextStep}` : _("Kept on this phone; it is sent as soon as there is reception.")),
    entry.photos.length > 0 && h("small", {}, _("{count} photos and recordings", { count: entry.photos.length })),
    entry.problem && h("span", { class: "buttons" }, h("button", { type: "button", class: "button", on: { click: () => queue.send({ again: true }) } }, _("Try again")),
      h("button", { type: "button", class: "button", on: { click: () => queue.remove(entry.key) } }, _("Throw away"))))));
}

/** A browser that believes in a network (Chromium 150 does after opening a kept page) is corrected by a city that does not answer. */
function showReception() {
  one("#offline").hidden = navigator.onLine && reached;
}

/** Let the service worker keep this page and all it is made of, so that it opens without reception. */
async function keepPage() {
  if (!navigator.serviceWorker) return; // plain http: the page then needs reception to open
  try {
    await navigator.serviceWorker.register("/service-worker.js");
    const { active } = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map(({ name }) => new URL(name)).filter(({ origin }) => origin === location.origin);
    active.postMessage({ keep: [location.pathname, "/api/standards", ...loaded.map(({ pathname, search }) => pathname + search)] });
  } catch (error) {
    console.debug(error); // not being kept is no reason not to work
  }
}

/** What the phone kept of this person's work leaves with the person; unsent reports stay until they come back. */
function forget() {
  localStorage.removeItem(KEPT);
  window.caches?.delete("inspector-1");
}

startShell();
one("#logout").addEventListener("submit", forget);
document.querySelectorAll("#tabs button").forEach((tab) => tab.addEventListener("click", () => show(tab.dataset.view)));
one("#send-now").addEventListener("click", () => queue.send({ again: true }));
addEventListener("online", () => (showReception(), loadTasks()));
addEventListener("offline", showReception);
showReception();
queue.entries().then(drawQueue);
show(location.hash === "#report" ? "report" : "tasks");
await loadTasks();
queue.send();
locate().then((position) => ((here = position), drawTasks()), () => {});
setInterval(tickTimings, 15_000);
keepPage();
listen({
  case: loadTasks,
  gone: (id) => tasks.some((task) => task.case.id === id) && loadTasks(),
  clock: readClock,
  resync: loadTasks,
  status: showConnection,
});
