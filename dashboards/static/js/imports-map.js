// The difference of a run on the map: added green, changed amber, removed red; shapes of every kind.
import { createMap } from "./map.js";

const COLOURS = ["match", ["get", "change"], "added", "#1a7a56", "changed", "#d98a00", "removed", "#c4320a", "#6b7480"];
const SOURCE = "import-changes";
const CHOSEN = ["==", ["get", "ref"], ""];

/** Draw `features` (GeoJSON) in `container`; `onChoose(ref)` is called for a clicked one. Returns {choose(row), remove()}. */
export function differenceMap(container, features, { onChoose }) {
  const ground = createMap(container);
  let chosen = "";
  ground.add({
    install(map) {
      map.addSource(SOURCE, { type: "geojson", data: features });
      const wide = ["interpolate", ["linear"], ["zoom"], 10, 1.5, 16, 5];
      map.addLayer({ id: "import-fill", type: "fill", source: SOURCE, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": COLOURS, "fill-opacity": 0.3 } });
      map.addLayer({ id: "import-line", type: "line", source: SOURCE, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": COLOURS, "line-width": wide } });
      map.addLayer({
        id: "import-point", type: "circle", source: SOURCE, filter: ["==", ["geometry-type"], "Point"],
        paint: { "circle-color": COLOURS, "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 2.5, 16, 6], "circle-stroke-color": "#ffffff", "circle-stroke-width": 1 },
      });
      map.addLayer({ id: "import-chosen", type: "line", source: SOURCE, filter: CHOSEN, paint: { "line-color": "#1b69aa", "line-width": 6, "line-opacity": 0.6 } });
      map.addLayer({ id: "import-chosen-point", type: "circle", source: SOURCE, filter: CHOSEN, paint: { "circle-color": "transparent", "circle-radius": 11, "circle-stroke-color": "#1b69aa", "circle-stroke-width": 3 } });
    },
  });
  const { map } = ground;
  const box = boundsOf(features);
  if (box) map.fitBounds(box, { padding: 40, maxZoom: 16, animate: false });
  map.on("click", ({ point }) => {
    const around = [[point.x - 4, point.y - 4], [point.x + 4, point.y + 4]];
    const [hit] = map.queryRenderedFeatures(around, { layers: ["import-point", "import-line", "import-fill"] });
    if (hit) onChoose(hit.properties.ref);
  });
  return {
    choose(row) {
      chosen = row.ref;
      for (const layer of ["import-chosen", "import-chosen-point"]) if (map.getLayer(layer)) map.setFilter(layer, ["==", ["get", "ref"], chosen]);
      if (row.lon !== null) map.easeTo({ center: [row.lon, row.lat], zoom: Math.max(map.getZoom(), 15) });
    },
    remove: () => map.remove(),
  };
}

/** [[west, south], [east, north]] of a feature collection in degrees, or null where it is empty. */
function boundsOf(features) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (part) => {
    if (typeof part[0] !== "number") return part.forEach(take);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
  };
  for (const { geometry } of features.features) if (geometry?.coordinates) take(geometry.coordinates);
  return Number.isFinite(box[0]) ? [[box[0], box[1]], [box[2], box[3]]] : null;
}
