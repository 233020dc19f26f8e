// The hotline: a call is typed in beside the map; what the caller and the neighbours said before shows at once; then the next call.
import { get } from "./api.js";
import { CasePanel } from "./case-panel.js";
import { all, debounce, fill, h, one } from "./dom.js";
import { callbackList } from "./hotline/callbacks.js";
import { openCall } from "./hotline/call.js";
import { callerField } from "./hotline/caller.js";
import { callsList } from "./hotline/calls.js";
import { callEnding } from "./hotline/ending.js";
import { knowledgeBase } from "./hotline/knowledge.js";
import { _ } from "./i18n.js";
import { onKeys } from "./keyboard.js";
import { listen } from "./live.js";
import { createMap } from "./map.js";
import { caseOverlay } from "./map-cases.js";
import { layerChoice } from "./map-layers.js";
import { tell, tellProblem } from "./notify.js";
import { reportForm } from "./report-form.js";
import { showConnection, startShell } from "./shell.js";
import { hasEnded, stateChip, tickTimings } from "./states.js";
import { now, readClock, shortText } from "./time.js";

const { map, add, home, changed, retry } = createMap(one("#map"));
const casesOnMap = caseOverlay({ onChoose: (id) => panel.show(id) });
[casesOnMap, layerChoice()].forEach(add);
one("#map").classList.add("picking");

const takes = one("#call") !== null;
const taken = [];
const show = (id) => panel.show(id);
const panel = new CasePanel(one("#panel"), { onChange: (item) => casesOnMap.update(item), onClose: () => casesOnMap.choose(0), onShow: ({ id }) => casesOnMap.choose(id) });
const call = openCall({ onChange: () => ending.draw() });
const who = callerField({ onInput: call.touch, onNumber: () => call.keep(who.caller()), onJoin: (item) => form.join(item), onShow: show });
const form = reportForm({
  map, source: "hotline", more: async () => ({ call_id: await call.keep(who.caller()) }), isActive: () => view === "call", onShowCase: show,
  onSent: (answer) => {
    casesOnMap.update(answer.case);
    call.note("cases", answer.case);
    taken.unshift(answer);
    drawTaken();
    one(who.kind() ? "#call-end" : "#call input[name=call-kind]").focus();
  },
});
const ending = callEnding({ call, onHandOver: (service, words) => call.handOver(who.caller(), service, words), onEnd: end, onShow: show });
const knowledge = knowledgeBase({ goesOn: () => takes, onAnswer: answer });
const callbacks = callbackList({ onShow: show, onCount: (count) => (one("#callbacks-count").textContent = count || "") });
const calls = callsList({ onShow: show });
const views = { call: { focus: () => who.focus() }, callbacks, knowledge, calls };
let view = "";

if (takes) {
  one("#call").append(who.element, form.element, ending.element);
  one("#call").addEventListener("input", call.touch);
}
one("#callbacks").append(callbacks.element);
one("#knowledge").append(knowledge.element);
one("#calls").append(calls.element);

async function end(words) {
  const kind = who.kind();
  if (!kind) {
    who.focusKind();
    throw new Error(_("Which kind of call was it? Press 1 to 5."));
  }
  await call.end(who.caller(), kind, words);
  tell(_("Call ended."));
  next();
}
/** The next call: nothing of the last one stays. */
function next() {
  call.reset();
  who.clear();
  form.reset();
  ending.clear();
  open("call");
  who.focus();
}
async function answer(article) {
  await call.answer(who.caller(), article);
  tell(_("Answered from: {title}", { title: article.shown }));
  open("call");
  if (!who.kind()) one("#call input[value=consultation]").checked = true;
  one("#call-end").focus();
}
function open(wanted) {
  view = wanted;
  for (const tab of all("#views [role=tab]")) tab.setAttribute("aria-selected", String(tab.dataset.view === wanted));
  for (const section of all(".side > [role=tabpanel]")) section.hidden = section.dataset.view !== wanted;
  views[wanted].load?.();
}

/** What this operator has taken since the page was opened, to answer "what became of it?" while still on the phone. */
function drawTaken() {
  fill(one("#taken"), taken.slice(0, 8).map(({ case: item, routing }) => h("li", {},
    h("button", { type: "button", class: "link", on: { click: () => panel.show(item.id) } }, item.number), stateChip(item), h("time", {}, shortText(item.recorded_at)),
    h("div", {}, item.class_name || item.title),
    routing?.unit && h("small", {}, _("to {unit}", { unit: routing.unit.name })))));
  one("#taken-empty").hidden = taken.length > 0;
}
function drawClock() {
  const since = call.begunAt();
  if (takes) one("#call-clock").textContent = since ? minutesAndSeconds(now() - Date.parse(since)) : "";
}
const listCallbacks = debounce(() => callbacks.load(), 3000); // who is to be called back is written a moment after the close
const minutesAndSeconds = (spent) => `${Math.floor(spent / 60_000)}:${String(Math.floor(spent / 1000) % 60).padStart(2, "0")}`;

async function reload() {
  const collection = await get("/api/cases.geojson", { open: true }).catch(tellProblem);
  if (collection) casesOnMap.reset(collection);
}

startShell();
onKeys({
  n: () => takes && open("call", who.focus()), h: home, "?": () => one("#help").showModal(),
  Escape: (event) => (event.target.matches("input, textarea, select") ? event.target.blur() : panel.close()),
});
const WHILE_TYPING = { F2: () => (open("call"), who.focus()), F4: () => (open("knowledge"), knowledge.focus()), F7: () => open("callbacks"), F8: () => ending.end(), F9: () => (open("call"), ending.openHandOver()) };
document.addEventListener("keydown", (event) => {
  const action = takes && WHILE_TYPING[event.key];
  if (!action || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  action();
});
for (const tab of all("#views [role=tab]")) tab.addEventListener("click", () => open(tab.dataset.view));
open(takes ? "call" : "calls");
if (takes) who.focus();
callbacks.load();
await reload();
setInterval(tickTimings, 15_000);
setInterval(drawClock, 1000);
listen({
  case: (item) => {
    casesOnMap.update(item);
    panel.refresh(item);
    if (hasEnded(item)) listCallbacks();
  },
  clock: readClock,
  tiles: changed,
  resync: () => (retry(), reload(), callbacks.load()),
  status: showConnection,
});
