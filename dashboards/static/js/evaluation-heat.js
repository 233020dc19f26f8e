// Where the cases of one figure lie: unit grids coloured by their number. Made when it is first looked at.
import { get } from "./api.js";
import { createMap } from "./map.js";
import { tellProblem } from "./notify.js";

const NOTHING = { type: "FeatureCollection", features: [] };

/** {show(parameters of /api/evaluation/grids)} in `element`; `choose(code, cases)` when a grid is clicked. */
export function heatMap(element, choose) {
  let made = null;
  let grids = NOTHING;
  const most = () => Math.max(2, ...grids.features.map(({ properties }) => properties.cases));
  const fill = () => ["interpolate", ["linear"], ["get", "cases"], 1, "#fde3b8", most() / 2, "#f28e2b", most(), "#a3261d"];

  function make() {
    made = createMap(element);
    made.add({
      install(map, theme) {
        map.addSource("heat", { type: "geojson", data: grids });
        map.addLayer({ id: "heat", type: "fill", source: "heat", paint: { "fill-color": fill(), "fill-opacity": 0.65 } });
        map.addLayer({ id: "heat-cases", type: "symbol", source: "heat", minzoom: 14, layout: { "text-field": ["to-string", ["get", "cases"]], "text-font": ["Noto Sans Regular"], "text-size": 11 }, paint: { "text-color": theme === "dark" ? "#ffffff" : "#16191d", "text-halo-color": theme === "dark" ? "#12161b" : "#ffffff", "text-halo-width": 1.2 } });
      },
    });
    made.map.on("click", "heat", ({ features: [{ properties }] }) => choose(properties.code, properties.cases));
  }

  async function show(parameters) {
    const found = await get("/api/evaluation/grids", parameters).catch(tellProblem);
    if (!found) return;
    grids = found;
    if (!made) return make();
    made.map.getSource("heat")?.setData(grids);
    if (made.map.getLayer("heat")) made.map.setPaintProperty("heat", "fill-color", fill());
  }

  return { show };
}
