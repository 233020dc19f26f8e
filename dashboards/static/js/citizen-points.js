// Public cases as points: near ones together with their number, each by itself in colour and sign of where it stands.

const GROUPS = {
  new: { stages: ["received", "examined"], light: "#b35c00", dark: "#f0b540", sign: "•" },
  work: { stages: ["with_unit", "checked"], light: "#1b69aa", dark: "#6fb5ee", sign: "↻" },
  done: { stages: ["done"], light: "#1a7a56", dark: "#5ac796", sign: "✓" },
  none: { stages: ["not_taken", "ended"], light: "#6b7480", dark: "#a4b0be", sign: "–" },
};
const EMPTY = { type: "FeatureCollection", features: [] };
const SOURCE = "public-cases";

/** An overlay for createMap: {install, show(GeoJSON)}; onChoose(properties) when one is tapped, onChoose(null) beside them. */
export function citizenPoints({ onChoose }) {
  let shown = EMPTY;
  let map = null;

  function install(target, theme) {
    const listening = map !== null;
    map = target;
    map.addSource(SOURCE, { type: "geojson", data: shown, cluster: true, clusterRadius: 42, clusterMaxZoom: 16 });
    const byStage = (value) => ["match", ["get", "stage"], ...Object.values(GROUPS).flatMap((group) => [group.stages, value(group)]), value(GROUPS.work)];
    const halo = theme === "dark" ? "#12161b" : "#ffffff";
    map.addLayer({ id: "case-cluster", type: "circle", source: SOURCE, filter: ["has", "point_count"], paint: {
      "circle-color": theme === "dark" ? "#3a4b5c" : "#37475a", "circle-radius": ["step", ["get", "point_count"], 15, 10, 18, 100, 23], "circle-stroke-color": halo, "circle-stroke-width": 2 } });
    map.addLayer({ id: "case-count", type: "symbol", source: SOURCE, filter: ["has", "point_count"], layout: {
      "text-field": ["get", "point_count_abbreviated"], "text-font": ["Noto Sans Regular"], "text-size": 13, "text-allow-overlap": true }, paint: { "text-color": "#ffffff" } });
    map.addLayer({ id: "case-point", type: "circle", source: SOURCE, filter: ["!", ["has", "point_count"]], paint: {
      "circle-color": byStage((group) => group[theme] ?? group.light), "circle-radius": 12, "circle-stroke-color": halo, "circle-stroke-width": 2, "circle-opacity": ["case", ["get", "rounded"], 0.6, 1] } });
    map.addLayer({ id: "case-sign", type: "symbol", source: SOURCE, filter: ["!", ["has", "point_count"]], layout: {
      "text-field": byStage((group) => group.sign), "text-font": ["Noto Sans Regular"], "text-size": 15, "text-allow-overlap": true }, paint: { "text-color": theme === "dark" ? "#12161b" : "#ffffff" } });
    if (!listening) listen();
  }

  function listen() {
    map.on("click", async (event) => {
      const found = map.queryRenderedFeatures(event.point, { layers: ["case-cluster", "case-point"] })[0];
      if (!found) return onChoose(null);
      if (!found.properties.cluster) return onChoose(found.properties);
      const zoom = await map.getSource(SOURCE).getClusterExpansionZoom(found.properties.cluster_id);
      map.easeTo({ center: found.geometry.coordinates, zoom });
    });
    for (const layer of ["case-cluster", "case-point"]) {
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
  }

  return {
    install,
    show(found) {
      shown = found;
      map?.getSource(SOURCE)?.setData(found);
    },
  };
}
