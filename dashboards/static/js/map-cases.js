// Live cases on the map: shape says timing, letter says who has the case, clusters say how many are overdue.
import { h } from "./dom.js";
import { GROUPS, groupOf } from "./states.js";
import { timingOf } from "./time.js";

const FILLS = {
  light: { overdue: "#c4320a", warn: "#d98a00", ok: "#1f6fb2", stopped: "#6b7480" },
  dark: { overdue: "#ff7a4d", warn: "#f2b134", ok: "#5aa9e6", stopped: "#8b95a1" },
};

/** An overlay for createMap().add(): feed it cases, it calls `onChoose(id)`. */
export function caseOverlay({ onChoose }) {
  const features = new Map();
  let map = null;
  let chosen = 0;
  let waiting = false;

  function data() {
    return { type: "FeatureCollection", features: [...features.values()] };
  }

  function refresh() {
    if (waiting || !map) return;
    waiting = true; // many events in one frame redraw once
    requestAnimationFrame(() => {
      waiting = false;
      map.getSource("cases")?.setData(data());
    });
  }

  function install(target, theme) {
    const first = !map;
    map = target;
    for (const timing of Object.keys(FILLS.light)) addMark(map, timing, theme);
    map.addSource("cases", {
      type: "geojson", data: data(), cluster: true, clusterRadius: 42, clusterMaxZoom: 13,
      clusterProperties: { overdue: ["+", ["case", ["==", ["get", "timing"], "overdue"], 1, 0]] },
    });
    caseLayers(theme).forEach((layer) => map.addLayer(layer));
    setChosen(chosen);
    if (first) listenTo(map, onChoose);
  }

  function setChosen(id) {
    chosen = id;
    if (map?.getLayer("case-chosen")) map.setFilter("case-chosen", ["==", ["get", "id"], id]);
  }

  return {
    install,
    choose: setChosen,
    /** Replace everything with this FeatureCollection. */
    reset(collection) {
      features.clear();
      for (const feature of collection.features) features.set(feature.properties.id, dress(feature));
      refresh();
    },
    /** One case changed. Ended cases leave the map. */
    update(item, shown = true) {
      if (shown && item.lon !== null && groupOf(item.state) !== "ended") features.set(item.id, asFeature(item));
      else features.delete(item.id);
      refresh();
    },
    get size() {
      return features.size;
    },
  };
}

function dress(feature) {
  const properties = feature.properties;
  return { ...feature, properties: { ...properties, timing: timingOf(properties), letter: GROUPS[groupOf(properties.state)].letter } };
}

export function asFeature(item) {
  const { id, number, state, class_name, title, timing, due_at, stage_due_at } = item;
  return dress({
    type: "Feature", geometry: { type: "Point", coordinates: [item.lon, item.lat] },
    properties: { id, number, state, class_name, title, timing, due_at, stage_due_at },
  });
}

function caseLayers(theme) {
  const fills = FILLS[theme];
  const ink = theme === "dark" ? "#10141a" : "#ffffff";
  return [
    {
      id: "case-cluster", type: "circle", source: "cases", filter: ["has", "point_count"],
      paint: {
        "circle-color": theme === "dark" ? "#2c3642" : "#ffffff", "circle-radius": ["step", ["get", "point_count"], 16, 10, 19, 50, 23, 200, 28],
        "circle-stroke-width": ["case", [">", ["get", "overdue"], 0], 3.5, 2], "circle-stroke-color": ["case", [">", ["get", "overdue"], 0], fills.overdue, fills.ok],
      },
    },
    {
      id: "case-cluster-count", type: "symbol", source: "cases", filter: ["has", "point_count"],
      layout: {
        "text-field": ["case", [">", ["get", "overdue"], 0], ["concat", ["get", "point_count_abbreviated"], "\n!", ["get", "overdue"]], ["to-string", ["get", "point_count_abbreviated"]]],
        "text-font": ["Noto Sans Regular"], "text-size": 12, "text-line-height": 1, "text-allow-overlap": true,
      },
      paint: { "text-color": theme === "dark" ? "#e8edf3" : "#20262e" },
    },
    {
      id: "case-chosen", type: "circle", source: "cases", filter: ["==", ["get", "id"], 0],
      paint: { "circle-radius": 19, "circle-color": fills.ok, "circle-opacity": 0.22, "circle-stroke-color": theme === "dark" ? "#ffffff" : "#10141a", "circle-stroke-width": 2.5 },
    },
    {
      id: "case-mark", type: "symbol", source: "cases", filter: ["!", ["has", "point_count"]],
      layout: {
        "icon-image": ["concat", "case-", ["get", "timing"]], "icon-allow-overlap": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.7, 15, 1],
        "symbol-sort-key": ["match", ["get", "timing"], "overdue", 3, "warn", 2, "ok", 1, 0],
        "text-field": ["get", "letter"], "text-font": ["Noto Sans Regular"], "text-size": ["interpolate", ["linear"], ["zoom"], 11, 8, 15, 12],
        "text-allow-overlap": true, "text-offset": ["match", ["get", "timing"], "warn", ["literal", [0, 0.2]], ["literal", [0, 0]]],
      },
      paint: { "text-color": ink },
    },
    {
      id: "case-name", type: "symbol", source: "cases", minzoom: 15.5, filter: ["!", ["has", "point_count"]],
      layout: { "text-field": ["get", "class_name"], "text-font": ["Noto Sans Regular"], "text-size": 12, "text-anchor": "left", "text-offset": [1.4, 0], "text-optional": true },
      paint: { "text-color": theme === "dark" ? "#e8edf3" : "#20262e", "text-halo-color": theme === "dark" ? "#10141a" : "#ffffff", "text-halo-width": 1.6 },
    },
  ];
}

/** Overdue is a diamond, due soon a triangle, in time a circle, stopped a square. */
function addMark(map, timing, theme) {
  const size = 56;
  const canvas = h("canvas", { width: size, height: size });
  const pen = canvas.getContext("2d");
  pen.translate(size / 2, size / 2);
  pen.beginPath();
  outline(pen, timing);
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 7;
  pen.strokeStyle = theme === "dark" ? "#10141a" : "#ffffff";
  pen.stroke();
  pen.fillStyle = FILLS[theme][timing];
  pen.fill();
  const image = pen.getImageData(0, 0, size, size);
  if (map.hasImage(`case-${timing}`)) map.removeImage(`case-${timing}`);
  map.addImage(`case-${timing}`, image, { pixelRatio: 2 });
}

function outline(pen, timing) {
  if (timing === "overdue") pen.moveTo(0, -24), pen.lineTo(24, 0), pen.lineTo(0, 24), pen.lineTo(-24, 0);
  else if (timing === "warn") pen.moveTo(0, -24), pen.lineTo(24, 19), pen.lineTo(-24, 19);
  else if (timing === "stopped") pen.rect(-17, -17, 34, 34);
  else pen.arc(0, 0, 19, 0, 2 * Math.PI);
}

function listenTo(map, onChoose) {
  map.on("click", "case-mark", (event) => onChoose(event.features[0].properties.id));
  map.on("click", "case-cluster", async (event) => {
    const cluster = event.features[0];
    const zoom = await map.getSource("cases").getClusterExpansionZoom(cluster.properties.cluster_id);
    map.easeTo({ center: cluster.geometry.coordinates, zoom });
  });
  for (const layer of ["case-mark", "case-cluster"]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }
}

/** The legend of the marks: timing by shape, who has the case by letter. */
export function caseLegend(timings) {
  return [
    ...Object.entries(timings).map(([timing, name]) => h("li", {}, h("span", { class: "mark", data: { timing } }), name)),
    ...Object.values(GROUPS).filter(({ letter }) => letter !== "✓").map(({ name, letter }) => h("li", {}, h("span", { class: "letter" }, letter), name)),
  ];
}
