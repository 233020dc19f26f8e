// Where the cases of one figure lie: from afar their density, near by unit grids coloured by their number; the ten grids with the most
// carry it wherever one looks from. Made when it is first looked at.
import { get } from "./api.js";
import { createMap } from "./map.js";
import { tellProblem } from "./notify.js";

const HOTTEST = 10;
const NEAR = 13;
const collection = (features) => ({ type: "FeatureCollection", features });
const DENSITY = ["interpolate", ["linear"], ["heatmap-density"], 0, "rgba(253,227,184,0)", 0.15, "#fde3b8", 0.5, "#f28e2b", 1, "#a3261d"];

/** The middle of a grid's outer ring, with the grid's properties. */
function middle({ geometry, properties }) {
  const ring = geometry.type === "Polygon" ? geometry.coordinates[0] : geometry.coordinates[0][0];
  const mean = (place) => ring.slice(1).reduce((sum, point) => sum + point[place], 0) / (ring.length - 1);
  return { type: "Feature", geometry: { type: "Point", coordinates: [mean(0), mean(1)] }, properties };
}

/** {show(parameters of /api/evaluation/grids)} in `element`; `choose(code, cases)` when a grid is clicked. */
export function heatMap(element, choose) {
  let made = null;
  let grids = [];
  let points = [];
  const most = () => Math.max(2, points[0]?.properties.cases ?? 0);
  const paints = () => ({
    density: ["/", ["get", "cases"], Math.max(2, most() / 3)],
    fill: ["interpolate", ["linear"], ["get", "cases"], 1, "#fde3b8", most() / 2, "#f28e2b", most(), "#a3261d"],
  });

  function make() {
    made = createMap(element);
    made.add({
      install(map, theme) {
        const number = { "text-field": ["to-string", ["get", "cases"]], "text-font": ["Noto Sans Regular"], "text-size": 11 };
        const dark = theme === "dark";
        map.addSource("heat", { type: "geojson", data: collection(grids) });
        map.addSource("heat-points", { type: "geojson", data: collection(points) });
        map.addLayer({ id: "heat-density", type: "heatmap", source: "heat-points", maxzoom: NEAR + 1, paint: {
          "heatmap-weight": paints().density, "heatmap-color": DENSITY,
          "heatmap-radius": ["interpolate", ["exponential", 2], ["zoom"], 9, 6, NEAR, 30], "heatmap-opacity": ["interpolate", ["linear"], ["zoom"], NEAR, 0.85, NEAR + 1, 0] } });
        map.addLayer({ id: "heat", type: "fill", source: "heat", minzoom: NEAR, paint: { "fill-color": paints().fill, "fill-opacity": 0.65 } });
        map.addLayer({ id: "heat-cases", type: "symbol", source: "heat", minzoom: 14, filter: [">", ["get", "rank"], HOTTEST], layout: number, paint: { "text-color": dark ? "#ffffff" : "#16191d", "text-halo-color": dark ? "#12161b" : "#ffffff", "text-halo-width": 1.2 } });
        const hottest = { source: "heat-points", filter: ["<=", ["get", "rank"], HOTTEST] };
        map.addLayer({ id: "heat-top", type: "circle", ...hottest, paint: { "circle-radius": 11, "circle-color": "#8f1f17", "circle-stroke-width": 1.5, "circle-stroke-color": "#ffffff" } });
        map.addLayer({ id: "heat-top-cases", type: "symbol", ...hottest, layout: { ...number, "text-allow-overlap": true, "symbol-sort-key": ["-", 0, ["get", "cases"]] }, paint: { "text-color": "#ffffff" } });
      },
    });
    for (const layer of ["heat", "heat-top"]) {
      made.map.on("click", layer, (event) => {
        if (layer === "heat" && made.map.queryRenderedFeatures(event.point, { layers: ["heat-top"] }).length) return;
        choose(event.features[0].properties.code, event.features[0].properties.cases);
      });
      made.map.on("mouseenter", layer, () => (made.map.getCanvas().style.cursor = "pointer"));
      made.map.on("mouseleave", layer, () => (made.map.getCanvas().style.cursor = ""));
    }
  }

  async function show(parameters) {
    const found = await get("/api/evaluation/grids", parameters).catch(tellProblem);
    if (!found) return;
    grids = found.features.sort((a, b) => b.properties.cases - a.properties.cases || a.properties.code.localeCompare(b.properties.code));
    grids.forEach(({ properties }, place) => (properties.rank = place + 1));
    points = grids.map(middle);
    if (!made) return make();
    made.map.getSource("heat")?.setData(collection(grids));
    made.map.getSource("heat-points")?.setData(collection(points));
    if (!made.map.getLayer("heat")) return;
    made.map.setPaintProperty("heat", "fill-color", paints().fill);
    made.map.setPaintProperty("heat-density", "heatmap-weight", paints().density);
  }

  return { show };
}
