// What a drawing holds on to: nodes of networks first, then their points, then edges of pipes and streets. Exact places, not those of tiles.
import { get } from "../api.js";
import { debounce } from "../dom.js";
import { METRES_PER_DEGREE, metres, nearestOn, wide } from "./geometry.js";

const FROM_ZOOM = 15;
const NODE_PX = 12;
const EDGE_PX = 9;
const MARGIN = 0.25; // of the view, on each side: a drawing may leave it while it is being made

/** Anchors of what `map` shows, read again when it has moved. {start(except), stop(), at(place), ready}. */
export function snapping(map) {
  let nodes = [];
  let edges = [];
  let except = 0;
  let active = false;
  let reach = null;

  const load = debounce(async () => {
    if (!active || map.getZoom() < FROM_ZOOM) return;
    const view = map.getBounds();
    const box = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
    if (reach && box[0] >= reach[0] && box[1] >= reach[1] && box[2] <= reach[2] && box[3] <= reach[3]) return;
    const [dx, dy] = [(box[2] - box[0]) * MARGIN, (box[3] - box[1]) * MARGIN];
    const wanted = [box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy];
    const { features } = await get("/api/assets/anchors", { bbox: wanted.map((degrees) => degrees.toFixed(6)).join(",") }).catch(() => ({ features: [] }));
    reach = wanted;
    take(features);
  }, 150);

  function take(features) {
    nodes = [];
    edges = [];
    for (const { geometry, properties } of features) {
      if (properties.id === except) continue;
      if (geometry.type === "Point") nodes.push({ place: geometry.coordinates, ...properties, how: "node" });
      const lines = { LineString: [geometry.coordinates], MultiLineString: geometry.coordinates }[geometry.type] ?? [];
      for (const line of lines) {
        line.forEach((place, at) => nodes.push({ place, ...properties, how: at === 0 || at === line.length - 1 ? "end" : "bend" }));
        line.slice(1).forEach((place, at) => edges.push({ side: [line[at], place], ...properties, how: "edge" }));
      }
    }
    map.getContainer().dataset.anchors = nodes.length;
  }

  /** The anchor under a place: {place, kind, name, how}, or null. A node wins over an edge, the nearest of each. */
  function at(place) {
    if (map.getZoom() < FROM_ZOOM) return null;
    const metresPerPx = (40_075_016 * Math.cos((place[1] * Math.PI) / 180)) / (512 * 2 ** map.getZoom());
    return nearest(nodes, place, NODE_PX * metresPerPx, (one) => one.place) ?? nearest(edges, place, EDGE_PX * metresPerPx, (one) => nearestOn(one.side, place), isFar);
  }

  map.on("moveend", load);
  return {
    at,
    start(id = 0) {
      active = true;
      reach = null;
      except = id;
      load();
    },
    stop: () => (active = false),
  };
}

const RANK = { node: 0, end: 1, bend: 2, edge: 3 };

function nearest(all, place, within, placeOf, skip = null) {
  const [dx, dy] = [within / wide(place[1]), within / METRES_PER_DEGREE];
  let best = null;
  for (const one of all) {
    if (skip ? skip(one.side, place, dx, dy) : Math.abs(one.place[0] - place[0]) > dx || Math.abs(one.place[1] - place[1]) > dy) continue;
    const there = placeOf(one);
    const away = metres(there, place);
    if (away > within || (best && (away > best.away || (away === best.away && RANK[one.how] >= RANK[best.how])))) continue;
    best = { ...one, place: there, away };
  }
  return best;
}

const isFar = ([a, b], place, dx, dy) => Math.min(a[0], b[0]) > place[0] + dx || Math.max(a[0], b[0]) < place[0] - dx
  || Math.min(a[1], b[1]) > place[1] + dy || Math.max(a[1], b[1]) < place[1] - dy;
