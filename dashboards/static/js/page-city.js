// The city for everybody who may look it up: search, questions, assets and networks on the map, without cases.
import { countDrawer } from "./count-panel.js";
import { deviceCards } from "./device-cards.js";
import { one } from "./dom.js";
import { foundPlace, isAsset } from "./found-place.js";
import { hereCard } from "./here-card.js";
import { get } from "./api.js";
import { onKeys } from "./keyboard.js";
import { listen } from "./live.js";
import { createMap } from "./map.js";
import { assetsOnMap } from "./map-assets.js";
import { deviceLegend, deviceOverlay } from "./map-devices.js";
import { drawOverlay } from "./map-draw.js";
import { layerChoice } from "./map-layers.js";
import { networkOverlay } from "./map-networks.js";
import { tellProblem } from "./notify.js";
import { searchBox } from "./search-box.js";
import { showConnection, startShell } from "./shell.js";
import { readClock } from "./time.js";
import { waysDrawer } from "./ways.js";

const { map, add, home, changed, retry } = createMap(one("#map"));
const flyTo = (item) => map.easeTo({ center: [item.lon, item.lat], zoom: Math.max(map.getZoom(), 15.5), duration: 500 });
const drawing = drawOverlay();
const questions = [countDrawer({ drawing, onShow: flyTo, makeRoom }), waysDrawer({ onShow: flyTo, makeRoom })];
const [, ways] = questions;
const devices = deviceOverlay({ onChoose: (device, point) => isFree() && cards.show(device, point) });
const networks = one("#network") && networkOverlay(one("#network"));
const layers = layerChoice();
[networks, devices, layers, drawing, ways.overlay].filter(Boolean).forEach(add);
one("#layers").append(...layers.boxes());
one("#legend").append(...deviceLegend());

const isFree = () => !drawing.active && !ways.active && !here.active && !editor.active;
const { panel: assets, editor } = assetsOnMap({
  map, add, layers, isFree, questions: (asset) => networks?.questions(asset) ?? [],
  onShow: (asset) => {
    closeQuestions();
    history.replaceState(null, "", asset ? `#asset/${asset.id}` : location.pathname);
  },
  onClose: () => history.replaceState(null, "", location.pathname),
});
const cards = deviceCards({ map, now: devices.now, onOpen: (id) => assets.show(id) });
const here = hereCard({ map, button: one("#point-here"), onOpen: (id) => assets.show(id), isFree: () => !drawing.active && !ways.active && !editor.active });

function closeQuestions() {
  questions.forEach((each) => each.close());
}

/** Before a drawer opens; false where unsaved changes stay. */
function makeRoom() {
  if (assets.isOpen && !assets.close()) return false;
  closeQuestions();
  return true;
}

startShell();
const search = one("#search");
const showFound = foundPlace(map);
search.after(searchBox(search, { onChoose: goTo, near: () => map.getCenter() }));

function goTo(result) {
  if (result.lon === null) return; // a case without a place
  showFound(result);
  if (isAsset(result)) assets.show(result.id);
}

onKeys({
  "/": () => search.focus(), h: home, "?": () => one("#help").showModal(),
  Escape: (event) => {
    if (event.target.matches("input, textarea, select")) event.target.blur();
    else if (here.close()) return;
    else if (drawing.active) drawing.stop();
    else if (questions.some((each) => each.isOpen)) closeQuestions();
    else if (assets.isOpen) assets.stepBack();
    else networks?.close();
  },
}, { unless: () => editor.active });
one("#home").addEventListener("click", home);

const loadDevices = () => get("/api/devices.geojson").then((collection) => devices.merge(collection, true), tellProblem);
loadDevices();

/** What the address names: #asset/ID. */
function openWanted() {
  const wanted = location.hash.match(/^#asset\/(\d+)$/);
  if (wanted) assets.show(Number(wanted[1])).then(() => assets.asset && assets.showPlace(assets.asset));
}
openWanted();
addEventListener("hashchange", openWanted);

listen({
  device: (news) => (devices.merge(news), cards.refresh(news)),
  tiles: changed,
  asset: ({ ids }) => assets.refresh(ids),
  clock: readClock,
  resync: () => (retry(), loadDevices()),
  status: showConnection,
});
