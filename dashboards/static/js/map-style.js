// The map's own look, over the city's own vector tiles: quiet ground, so that cases and devices stand out.

import { meta } from "./dom.js";
import { locale } from "./i18n.js";

const LIGHT = {
  land: "#f4f2ee", water: "#c3d9e8", waterLine: "#a9c8dc", park: "#dcead3", building: "#e6e1d8", buildingLine: "#d6cfc2",
  casing: "#d4cdc0", minor: "#ffffff", main: "#fdf6df", trunk: "#f9e3ae", path: "#d8d0c0", rail: "#b9b4aa",
  area: "#7a6ea6", grid: "#9a94b8", text: "#4a4f57", halo: "#ffffff", waterText: "#3d6c8d", greenText: "#47703a", areaText: "#5a4f86",
  bus: "#2b7a78", line: "#c2456b", lamp: "#a97b12", pipe: "#3b7ea1", other: "#77808c",
};
const DARK = {
  land: "#1b2027", water: "#14303f", waterLine: "#1d4257", park: "#1d2d26", building: "#252c35", buildingLine: "#303945",
  casing: "#12161b", minor: "#38424f", main: "#48525f", trunk: "#5e5a4a", path: "#323b46", rail: "#3a424c",
  area: "#8d80c4", grid: "#615b86", text: "#c4ccd6", halo: "#12161b", waterText: "#7fb2d0", greenText: "#86b894", areaText: "#aa9fdb",
  bus: "#5cc4bf", line: "#f08aa8", lamp: "#e3b94a", pipe: "#6db4d8", other: "#9aa4b0",
};

const TRUNK = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "expressway", "arterial"];
const MAIN = ["secondary", "secondary_link", "tertiary", "tertiary_link", "collector"];
const PATH = ["footway", "path", "steps", "cycleway", "pedestrian", "track"];
const ROAD_ORDER = [
  { id: "path", classes: PATH, from: 15, width: [15, 0.6, 18, 3] },
  { id: "minor", classes: null, from: 11, width: [11, 0.5, 12, 0.6, 15, 4, 18, 14] },
  { id: "main", classes: MAIN, from: 10, width: [10, 0.8, 15, 7, 18, 20] },
  { id: "trunk", classes: TRUNK, from: 7, width: [7, 0.8, 12, 3, 15, 9, 18, 26] },
];
const FONT = ["Noto Sans Regular"];
const NAME = locale === "en" ? ["coalesce", ["get", "name_en"], ["get", "name"]] : ["get", "name"];
const ALL_SOURCES = ["area", "grid", "water", "green", "building", "road", "pipe", "bus_line", "asset", "label", "street_label"];
/** Pages for the public have tiles of their own, and fewer of them. */
const SOURCES = meta("tile-layers") ? ALL_SOURCES.filter((name) => meta("tile-layers").split(" ").includes(name)) : ALL_SOURCES;
const TILES = meta("tiles") || "/tiles";

/** The sources that show something of a table of the core, for when it has changed. */
export const SOURCES_OF = { area: ["area", "label"], unit_grid: ["grid"], asset: SOURCES.filter((name) => name !== "area" && name !== "grid") };

/** A MapLibre style for "light" or "dark", names in the page's language; nothing comes from other servers. */
export function mapStyle(theme) {
  const colours = theme === "dark" ? DARK : LIGHT;
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, source(name)])),
    layers: [
      { id: "land", type: "background", paint: { "background-color": colours.land } },
      ...ground(colours), ...roads(colours), ...boundaries(colours), ...assets(colours), ...labels(colours),
    ].filter((one) => !one.source || SOURCES.includes(one.source)),
  };
}

/** Layers in which this viewer may see more than everybody come without the shared cache. */
const OWN = meta("own-layers").split(" ");

function source(name) {
  const door = OWN.includes(name) ? "/seen-tiles" : TILES;
  return { type: "vector", tiles: [`${location.origin}${door}/${name}/{z}/{x}/{y}`], minzoom: 0, maxzoom: 16 };
}

function ground(colours) {
  const polygon = ["==", ["geometry-type"], "Polygon"];
  return [
    layer("green", "fill", "green", { paint: { "fill-color": colours.park } }),
    layer("water", "fill", "water", { filter: polygon, paint: { "fill-color": colours.water } }),
    layer("water-line", "line", "water", {
      filter: ["==", ["geometry-type"], "LineString"],
      paint: { "line-color": colours.waterLine, "line-width": widths([10, 0.6, 14, 2, 18, 7]) },
    }),
    layer("building", "fill", "building", {
      minzoom: 13.5,
      paint: { "fill-color": colours.building, "fill-outline-color": colours.buildingLine, "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0.3, 15, 1] },
    }),
  ];
}

function roads(colours) {
  const known = [...TRUNK, ...MAIN, ...PATH];
  const filterOf = ({ classes }) => classes ? ["in", ["get", "class"], ["literal", classes]] : ["!", ["in", ["get", "class"], ["literal", known]]];
  const round = { "line-cap": "round", "line-join": "round" };
  const casings = ROAD_ORDER.filter(({ id }) => id !== "path").map((kind) => layer(`road-${kind.id}-casing`, "line", "road", {
    filter: filterOf(kind), minzoom: Math.max(kind.from, 11), layout: round,
    paint: { "line-color": colours.casing, "line-width": widths(kind.width, 1.6) },
  }));
  const fills = ROAD_ORDER.map((kind) => layer(`road-${kind.id}`, "line", "road", {
    filter: filterOf(kind), minzoom: kind.from, layout: round,
    paint: { "line-color": colours[kind.id], "line-width": widths(kind.width), ...(kind.id === "path" && { "line-dasharray": [2, 1.5] }) },
  }));
  const bridges = layer("road-bridge", "line", "road", {
    filter: ["==", ["to-boolean", ["get", "bridge"]], true], minzoom: 14,
    paint: { "line-color": colours.text, "line-opacity": 0.35, "line-gap-width": widths([14, 4, 15, 8, 18, 22]), "line-width": 1 },
  });
  return [...casings, ...fills, bridges];
}

function boundaries(colours) {
  return [
    layer("grid-line", "line", "grid", { minzoom: 13, layout: { visibility: "none" }, paint: { "line-color": colours.grid, "line-width": 0.8, "line-opacity": 0.7 } }),
    layer("area-line", "line", "area", {
      paint: {
        "line-color": colours.area, "line-opacity": 0.75,
        "line-width": ["match", ["get", "level"], ["city", "district"], 2.2, ["subdistrict"], 1.6, 1], "line-dasharray": [4, 2],
      },
    }),
  ];
}

function assets(colours) {
  const colour = ["match", ["get", "kind"], ["street_lamp", "lamp_cabinet"], colours.lamp,
    ["valve", "hydrant", "flow_meter", "pressure_meter", "water_plant", "manhole", "outfall", "sewer_level_meter", "rainwater_grate"], colours.pipe,
    ["bus_stop", "bus_station", "metro_station", "traffic_sign", "traffic_signal", "bridge", "camera"], colours.bus, colours.other];
  return [
    layer("pipe", "line", "pipe", {
      minzoom: 13, layout: { visibility: "none" }, paint: {
        "line-color": colours.pipe, "line-width": widths([13, 0.7, 17, 2.4]), "line-opacity": 0.75,
        "line-dasharray": ["match", ["get", "kind"], "sewer", ["literal", [3, 2]], ["literal", [1, 0]]],
      },
    }),
    layer("bus-line", "line", "bus_line", {
      minzoom: 9, layout: { visibility: "none", "line-cap": "round", "line-join": "round" },
      paint: { "line-color": colours.line, "line-width": widths([9, 0.8, 13, 1.8, 17, 4]), "line-opacity": 0.7 },
    }),
    layer("asset", "circle", "asset", {
      minzoom: 15.3, filter: ["!=", ["get", "kind"], "place"],
      paint: { "circle-color": colour, "circle-radius": widths([15.3, 1.3, 18, 5]), "circle-stroke-color": colours.halo, "circle-stroke-width": ["step", ["zoom"], 0.5, 16.5, 1] },
    }),
  ];
}

function labels(colours) {
  const halo = { "text-halo-color": colours.halo, "text-halo-width": 1.4 };
  const text = (field, size) => ({ "text-field": field, "text-font": FONT, "text-size": size });
  return [
    layer("road-name", "symbol", "street_label", {
      minzoom: 13, layout: { ...text(NAME, ["interpolate", ["linear"], ["zoom"], 13, 10, 17, 13]), "symbol-placement": "line", "symbol-spacing": 300 },
      paint: { "text-color": colours.text, ...halo },
    }),
    layer("bus-line-number", "symbol", "bus_line", {
      minzoom: 13, layout: { ...text(["get", "number"], 11), visibility: "none", "symbol-placement": "line", "symbol-spacing": 400 },
      paint: { "text-color": colours.line, ...halo },
    }),
    layer("water-name", "symbol", "label", { minzoom: 12, filter: ["==", ["get", "kind"], "water"], layout: text(NAME, 11), paint: { "text-color": colours.waterText, ...halo } }),
    layer("green-name", "symbol", "label", { minzoom: 13.5, filter: ["==", ["get", "kind"], "green"], layout: text(NAME, 11), paint: { "text-color": colours.greenText, ...halo } }),
    layer("place-name", "symbol", "asset", {
      minzoom: 14, filter: ["==", ["get", "kind"], "place"], layout: text(NAME, 11), paint: { "text-color": colours.text, ...halo },
    }),
    layer("asset-name", "symbol", "asset", {
      minzoom: 17, filter: ["!=", ["get", "kind"], "place"], layout: { ...text(NAME, 10), "text-offset": [0, 1.1], "text-anchor": "top", "text-optional": true },
      paint: { "text-color": colours.text, ...halo },
    }),
    layer("grid-code", "symbol", "grid", { minzoom: 15.5, layout: { ...text(["get", "code"], 10), visibility: "none" }, paint: { "text-color": colours.areaText, "text-opacity": 0.8, ...halo } }),
    layer("area-name", "symbol", "label", {
      maxzoom: 16, filter: ["!", ["in", ["get", "kind"], ["literal", ["water", "green"]]]],
      layout: { ...text(NAME, ["match", ["get", "kind"], ["city", "district"], 16, "subdistrict", 13, 11]), "text-letter-spacing": 0.08, "text-max-width": 8 },
      paint: { "text-color": colours.areaText, ...halo, "text-halo-width": 2 },
    }),
  ];
}

function layer(id, type, sourceName, more) {
  return { id, type, source: sourceName, "source-layer": sourceName, ...more };
}

/** [zoom, width, zoom, width, …] growing exponentially, `extra` pixels wider for casings. */
function widths(stops, extra = 0) {
  return ["interpolate", ["exponential", 1.5], ["zoom"], ...stops.map((value, index) => (index % 2 ? value + extra : value))];
}
