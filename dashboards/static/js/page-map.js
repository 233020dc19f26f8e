// The operator's screen: list, map and case panel, kept together by the chosen case and the live stream.
import { get } from "./api.js";
import { CasePanel } from "./case-panel.js";
import { CasesList } from "./cases-list.js";
import { countDrawer } from "./count-panel.js";
import { startCounters } from "./counters.js";
import { debounce, fill, h, one } from "./dom.js";
import { _, named } from "./i18n.js";
import { foundPlace, isAsset } from "./found-place.js";
import { hereCard } from "./here-card.js";
import { onKeys } from "./keyboard.js";
import { listen } from "./live.js";
import { createMap } from "./map.js";
import { mayEdit } from "./asset-panel.js";
import { assetsOnMap } from "./map-assets.js";
import { alarmOverlay } from "./map-alarms.js";
import { drawOverlay } from "./map-draw.js";
import { caseLegend, caseOverlay } from "./map-cases.js";
import { deviceCards } from "./device-cards.js";
import { deviceLegend, deviceOverlay } from "./map-devices.js";
import { layerChoice } from "./map-layers.js";
import { networkOverlay } from "./map-networks.js";
import { tellProblem } from "./notify.js";
import { reportForm } from "./report-form.js";
import { searchBox } from "./search-box.js";
import { showConnection, startShell } from "./shell.js";
import { STATES, TIMINGS, tickTimings } from "./states.js";
import { readClock } from "./time.js";
import { waysDrawer } from "./ways.js";

const filterForm = one("#filters");
const narrowed = new URLSearchParams(location.search);
const drawer = one("#report-drawer");
const { map, add, home, changed, retry } = createMap(one("#map"));
const flyTo = (item) => map.easeTo({ center: [item.lon, item.lat], zoom: Math.max(map.getZoom(), 15.5), duration: 500 });

const drawing = drawOverlay();
const questions = [countDrawer({ drawing, onShow: flyTo, makeRoom }), waysDrawer({ onShow: flyTo, makeRoom })];
const [, ways] = questions;
const casesOnMap = caseOverlay({ onChoose: (id) => !isDrawing() && choose(id) });
const devicesOnMap = deviceOverlay({ onChoose: (device, point) => !isDrawing() && cards.show(device, point) });
const alarmsOnMap = alarmOverlay(one("#alarms"), { onChoose: flyTo });
const networks = one("#network") && networkOverlay(one("#network"));
const layers = layerChoice();
[networks, casesOnMap, devicesOnMap, alarmsOnMap, layers, drawing, ways.overlay].filter(Boolean).forEach(add);
one("#layers").append(...layers.boxes());
one("#legend").append(...caseLegend(TIMINGS), h("li", { class: "rule" }, h("hr")), ...deviceLegend());

const here = hereCard({ map, button: one("#point-here"), onOpen: (id) => assets.show(id), isFree: () => drawer.hidden && !drawing.active && !ways.active && !editor.active });
const isDrawing = () => drawing.active || editor.active || ways.active || here.active;
const { panel: assets, editor } = assetsOnMap({
  map, add, layers, isFree: () => drawer.hidden && !drawing.active && !ways.active && !here.active,
  questions: (asset) => networks?.questions(asset) ?? [],
  onShow: (asset) => {
    choose(null);
    closeDrawer();
    closeQuestions();
    history.replaceState(null, "", asset ? `#asset/${asset.id}` : location.pathname);
  },
  onClose: () => location.hash.startsWith("#asset/") && history.replaceState(null, "", location.pathname),
});

const cards = deviceCards({ map, now: devicesOnMap.now, onOpen: (id) => assets.show(id) });
const counters = startCounters(one("#counters"), { onChoose: filterBy });
const list = new CasesList(one("#cases"), {
  filters, order: () => filterForm.elements.order.value, onChoose: (id) => choose(id),
  onCount: (shown, total) => (one("#count").textContent = shown === total ? _("{total} cases", { total }) : _("{shown} of {total} cases", { shown, total })),
});
const panel = new CasePanel(one("#panel"), {
  onChange: take, onClose: () => choose(null), showPlace: flyTo,
  onShow: (detail) => {
    history.replaceState(null, "", `#${detail.number}`);
    networks?.offer(detail, one("#panel header"));
  },
});

/** What the filters and the address say, as /api/cases takes it; a link from the evaluation narrows it further. */
function filters() {
  const values = Object.fromEntries(new FormData(filterForm));
  const open = !values.state && !narrowed.has("from");
  return { ...Object.fromEntries(narrowed), open: open || null, state: values.state, unit_id: values.unit_id || narrowed.get("unit_id"), q: values.q?.trim(), overdue: values.overdue ? true : null, due_within: values.overdue ? null : values.due_within };
}

function filterBy(values) {
  filterForm.reset();
  for (const [name, value] of Object.entries(values)) {
    const control = filterForm.elements[name];
    if (control.type === "checkbox") control.checked = Boolean(value);
    else control.value = value;
  }
  reload();
}

async function reload() {
  const [collection] = await Promise.all([get("/api/cases.geojson", filters()).catch(tellProblem), list.load()]);
  if (collection) casesOnMap.reset(collection);
  counters.reload();
}

function choose(id) {
  if (id !== null && assets.isOpen && !assets.close()) return;
  list.choose(id);
  casesOnMap.choose(id ?? 0);
  if (id === null) {
    history.replaceState(null, "", location.pathname);
    if (!one("#panel").hidden) panel.close();
    return;
  }
  closeDrawer();
  closeQuestions();
  panel.show(id).then(() => panel.detail?.id === id && bringIntoView(panel.detail));
}

function bringIntoView(item) {
  if (item.lon === null) return;
  if (map.getZoom() < 13 || !map.getBounds().contains([item.lon, item.lat])) flyTo(item);
}

/** A case changed, by this user or by someone else. */
function take(item) {
  list.merge(item);
  casesOnMap.update(item, list.fits(item));
  counters.reload();
}

const form = one("#report-place") && reportForm({
  map, source: "other", isActive: () => !drawer.hidden, onShowCase: (id) => panel.show(id),
  onSent: (answer) => {
    closeDrawer();
    take(answer.case);
    choose(answer.case.id);
  },
});
if (form) one("#report-place").append(form.element);

function openDrawer() {
  if (!form || (assets.isOpen && !assets.close())) return;
  if (!one("#panel").hidden) choose(null);
  closeQuestions();
  drawer.hidden = false;
  one("#map").classList.add("picking");
  form.focus();
}

function closeDrawer() {
  drawer.hidden = true;
  one("#map").classList.remove("picking");
  form?.place.clear();
}

function closeQuestions() {
  questions.forEach((each) => each.close());
}

/** Before another drawer opens; false where unsaved changes stay. */
function makeRoom() {
  if (assets.isOpen && !assets.close()) return false;
  if (!one("#panel").hidden) choose(null);
  closeDrawer();
  closeQuestions();
  return true;
}

startShell();
const search = one("#search");
const showFound = foundPlace(map);
search.after(searchBox(search, { onChoose: goTo, near: () => map.getCenter() }));

function goTo(result) {
  if (result.kind === "case") return choose(result.id);
  showFound(result);
  if (isAsset(result)) assets.show(result.id);
}

onKeys({
  j: () => moveChoice(1), k: () => moveChoice(-1), ArrowDown: () => moveChoice(1), ArrowUp: () => moveChoice(-1),
  "/": () => search.focus(), n: openDrawer, a: () => mayEdit && assets.enter(), h: home, f: () => filterForm.elements.q.focus(), "?": () => one("#help").showModal(),
  Enter: () => one("#panel .moves button")?.click(),
  Escape: (event) => {
    if (event.target.matches("input, textarea, select")) event.target.blur();
    else if (here.close()) return;
    else if (drawing.active) drawing.stop();
    else if (questions.some((each) => each.isOpen)) closeQuestions();
    else if (!drawer.hidden) closeDrawer();
    else if (assets.isOpen) assets.stepBack();
    else if (panel.forms?.element.querySelector("form")) panel.draw(panel.detail);
    else if (!one("#panel").hidden) choose(null);
    else networks?.close();
  },
}, { unless: () => editor.active });

function moveChoice(step) {
  const id = list.neighbour(step);
  if (id !== null) choose(id);
}

filterForm.addEventListener("change", reload);
filterForm.addEventListener("submit", (event) => event.preventDefault());
filterForm.elements.q.addEventListener("input", debounce(reload, 250));
one("#new-asset")?.addEventListener("click", () => assets.enter());
one("#change-many")?.addEventListener("click", () => assets.changeMany());
one("#new-report")?.addEventListener("click", openDrawer);
one("#close-drawer")?.addEventListener("click", closeDrawer);
one("#home").addEventListener("click", home);

for (const [code, { name, group }] of Object.entries(STATES)) {
  filterForm.elements.state.append(h("option", { value: code }, group === "ended" ? `${name} ·` : name));
}
get("/api/units").then((units) => filterForm.elements.unit_id.append(...units.map((unit) => h("option", { value: unit.id }, named(unit)))), tellProblem);

await reload();
const loadDevices = () => {
  alarmsOnMap.reload();
  return get("/api/devices.geojson").then((collection) => devicesOnMap.merge(collection, true), tellProblem);
};
loadDevices();
setInterval(tickTimings, 15_000);
setInterval(reload, 300_000); // marks fall due without an event
/** What the address names: #asset/ID or #CASE-NUMBER. */
function openWanted() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  if (wanted.startsWith("asset/")) assets.show(Number(wanted.slice(6))).then(() => assets.asset && assets.showPlace(assets.asset));
  else if (wanted) get("/api/cases", { q: wanted, limit: 1 }).then(({ items }) => items[0] && choose(items[0].id), () => {});
}

openWanted();
addEventListener("hashchange", openWanted);

listen({
  case: (item) => {
    take(item);
    panel.refresh(item);
  },
  device: (news) => (devicesOnMap.merge(news), cards.refresh(news), alarmsOnMap.heard(news)),
  alarm: alarmsOnMap.reload,
  watched: alarmsOnMap.reload,
  tiles: changed,
  asset: ({ ids }) => assets.refresh(ids),
  clock: readClock,
  resync: () => (retry(), reload(), loadDevices()),
  status: showConnection,
});
