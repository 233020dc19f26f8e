// The hotline: a call is typed in beside the map; what is already open nearby shows at once; then the next call.
import { get } from "./api.js";
import { CasePanel } from "./case-panel.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { onKeys } from "./keyboard.js";
import { listen } from "./live.js";
import { createMap } from "./map.js";
import { caseOverlay } from "./map-cases.js";
import { layerChoice } from "./map-layers.js";
import { tellProblem } from "./notify.js";
import { reportForm } from "./report-form.js";
import { showConnection, startShell } from "./shell.js";
import { stateChip, tickTimings } from "./states.js";
import { readClock, shortText } from "./time.js";

const { map, add, home, changed, retry } = createMap(one("#map"));
const casesOnMap = caseOverlay({ onChoose: (id) => panel.show(id) });
[casesOnMap, layerChoice()].forEach(add);
one("#map").classList.add("picking");

const taken = [];
const panel = new CasePanel(one("#panel"), { onChange: (item) => casesOnMap.update(item), onClose: () => casesOnMap.choose(0), onShow: ({ id }) => casesOnMap.choose(id) });
const form = reportForm({
  map, source: "hotline", caller: true, isActive: () => true, onShowCase: (id) => panel.show(id),
  onSent: (answer) => {
    casesOnMap.update(answer.case);
    taken.unshift(answer);
    drawTaken();
    form.focus();
  },
});
one("#call").append(form.element);

/** What this operator has taken since the page was opened, to answer "what became of it?" while still on the phone. */
function drawTaken() {
  fill(one("#taken"), taken.slice(0, 8).map(({ case: item, routing }) => h("li", {},
    h("button", { type: "button", class: "link", on: { click: () => panel.show(item.id) } }, item.number), stateChip(item), h("time", {}, shortText(item.recorded_at)),
    h("div", {}, item.class_name || item.title),
    routing?.unit && h("small", {}, _("to {unit}: {reason}", { unit: routing.unit.name ?? routing.unit, reason: routing.reason ?? "" })))));
  one("#taken-empty").hidden = taken.length > 0;
}

async function reload() {
  const collection = await get("/api/cases.geojson", { open: true }).catch(tellProblem);
  if (collection) casesOnMap.reset(collection);
}

startShell();
onKeys({
  n: () => form.focus(), h: home, "?": () => one("#help").showModal(),
  Escape: (event) => (event.target.matches("input, textarea, select") ? event.target.blur() : panel.close()),
});
form.focus();
await reload();
setInterval(tickTimings, 15_000);
listen({
  case: (item) => {
    casesOnMap.update(item);
    panel.refresh(item);
  },
  clock: readClock,
  tiles: changed,
  resync: () => (retry(), reload()),
  status: showConnection,
});
