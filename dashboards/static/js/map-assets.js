// Assets on the map: a click asks what stands there, the panel shows it; in the past it shows what stood there; stewards draw.
import { get } from "./api.js";
import { AssetPanel } from "./asset-panel.js";
import { one } from "./dom.js";
import { tellProblem } from "./notify.js";
import { lineOverlay } from "./map-lines.js";
import { pastOverlay } from "./map-past.js";
import { shapeEditor } from "./register/shape-editor.js";

const FROM_ZOOM = 14;
const REACH_PX = 9;
const SIGHT_PX = 48; // so far from the edges of the map an asset counts as seen
const NOT_OURS = ["case-mark", "case-cluster", "device", "lamp"];

const SMALL = ["bus_stop", "bus_station", "metro_station"]; // what one means to hit on a line that is asked

/** Panel, editor and past of the register on `map`; `isFree()` says whether a click belongs to nobody else. */
export function assetsOnMap({ map, add, layers, isFree, questions, onShow, onClose }) {
  const ring = chosenOverlay();
  const editor = shapeEditor(one(".ground"));
  const line = lineOverlay({ onOpen: (id) => panel.show(id) });
  const panel = new AssetPanel(one("#asset-panel"), {
    showPlace, editor, questions, view, more: line.section,
    onShow: (asset) => {
      ring.mark(asset?.geometry ?? null);
      onShow(asset);
      if (asset) bringIntoView(asset);
    },
    onClose: () => (ring.mark(null), line.clear(), onClose()),
  });
  const past = pastOverlay(one("#past-menu"), one("#past"), { onChange: () => panel.asset && panel.close(), restore: (target) => layers.install(target) });
  for (const overlay of [past, ring, line, editor]) add(overlay);

  function showPlace({ geometry }) {
    map.easeTo({ center: somewhereOn(geometry), zoom: Math.max(map.getZoom(), 16.5), duration: 400 });
  }

  function view() {
    const [w, s, e, n] = map.getBounds().toArray().flat();
    return { type: "Polygon", coordinates: [[[w, s], [e, s], [e, n], [w, n], [w, s]]] };
  }

  /** The panel takes its width from the map: what lay at the right edge would be gone. */
  function bringIntoView({ geometry }) {
    map.resize();
    const { width, height } = map.getContainer().getBoundingClientRect();
    const seen = placesOf(geometry).some((place) => {
      const { x, y } = map.project(place);
      return x > SIGHT_PX && y > SIGHT_PX && x < width - SIGHT_PX && y < height - SIGHT_PX;
    });
    if (!seen) map.easeTo({ center: somewhereOn(geometry), zoom: Math.max(map.getZoom(), FROM_ZOOM + 1), duration: 400 });
  }

  map.on("click", async ({ lngLat, point }) => {
    if (editor.active || !isFree()) return;
    const onLine = line.passes(point);
    if (map.getZoom() < FROM_ZOOM) return void (onLine && line.where(lngLat).catch(tellProblem));
    const taken = NOT_OURS.filter((id) => map.getLayer(id) && map.getLayoutProperty(id, "visibility") !== "none");
    if (map.queryRenderedFeatures(point, { layers: taken }).length) return;
    if (past.at()) {
      const then = past.hit(point);
      return then ? panel.show(then.id, { at: past.at() }) : panel.asset && panel.close();
    }
    const metres = (REACH_PX * 40_075_016 * Math.cos((lngLat.lat * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
    try {
      const found = await get("/api/assets", { lon: lngLat.lng, lat: lngLat.lat, within_m: Math.min(500, Math.max(0.5, metres)) });
      if (onLine && !SMALL.includes(found[0]?.kind)) await line.where(lngLat, found);
      else if (found.length) panel.show(found[0].id, { others: found });
      else if (panel.asset) panel.close();
    } catch (problem) {
      tellProblem(problem);
    }
  });

  return { panel, editor };
}

/** The asset of the panel, marked on the map. */
function chosenOverlay() {
  let map = null;
  let data = { type: "FeatureCollection", features: [] };
  return {
    install(target, theme) {
      map = target;
      const colour = theme === "dark" ? "#ffd166" : "#8a2be2";
      map.addSource("chosen-asset", { type: "geojson", data });
      map.addLayer({ id: "chosen-asset-line", type: "line", source: "chosen-asset", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour, "line-width": 4, "line-opacity": 0.8 } });
      map.addLayer({ id: "chosen-asset-point", type: "circle", source: "chosen-asset", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 11, "circle-opacity": 0, "circle-stroke-color": colour, "circle-stroke-width": 3 } });
    },
    mark(geometry) {
      data = { type: "FeatureCollection", features: geometry ? [{ type: "Feature", geometry, properties: {} }] : [] };
      map?.getSource("chosen-asset")?.setData(data);
    },
  };
}

function placesOf({ type, coordinates }) {
  const depth = { Point: 0, LineString: 1, MultiPoint: 1, Polygon: 2, MultiLineString: 2, MultiPolygon: 3 }[type] ?? 0;
  return depth ? coordinates.flat(depth - 1) : [coordinates];
}

function somewhereOn(geometry) {
  const places = placesOf(geometry);
  return places[Math.floor(places.length / 2)];
}
