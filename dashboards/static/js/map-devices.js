// Devices on the map: buses move, lamps burn, meters show their state; an alarm is a ring, silence is hollow.
import { h } from "./dom.js";
import { _, named } from "./i18n.js";
import { shortText } from "./time.js";

const SYMBOLS = { bus: "B", street_lamp: "L", lamp_cabinet: "L", flow_meter: "F", pressure_meter: "P", sewer_level_meter: "S", rain_gauge: "R" };

/** Names and units of what devices measure (config/profiles.toml); position is seen, not read. */
const METRICS = {
  powerConsumption: [_("power"), "W"], illuminanceLevel: [_("dimming level"), "%"], powerState: [_("switched on"), ""],
  flowRate: [_("flow"), "m³/h"], pressure: [_("pressure"), "MPa"], fluidLevel: [_("level"), "m"], fillingLevel: [_("filling"), "%"],
  voltage: [_("mains voltage"), "V"], current: [_("current"), "A"], doorOpen: [_("door open"), ""], circuitBreakerTripped: [_("breakers tripped"), ""],
  precipitation: [_("rain"), "mm/h"], speed: [_("speed"), "km/h"], bearing: [_("heading"), "°"], occupancyPercentage: [_("places taken"), "%"],
};

/** Lamps are many and stand still, the others are few and move: of two sources each changes only when its own do. */
const sourceOf = ({ kind }) => (kind === "street_lamp" ? "lamps" : "devices");
const REDRAW_MS = 900;

/** An overlay for createMap().add(). `onChoose(properties, point)` is called for a clicked device. */
export function deviceOverlay({ onChoose }) {
  const features = { lamps: new Map(), devices: new Map() };
  const changed = { lamps: new Map(), devices: new Map() }; // id → feature, or null when it has gone
  let map = null;
  let timer = null;
  const data = (name) => ({ type: "FeatureCollection", features: [...features[name].values()] });

  /** Take {features, gone} over; `complete`: there are no others. */
  function merge(collection, complete = false) {
    if (complete) for (const name of Object.keys(features)) features[name].clear();
    for (const feature of collection.features ?? []) {
      const shown = drawn(feature);
      const name = sourceOf(feature.properties);
      features[name].set(feature.id, shown);
      changed[name].set(feature.id, shown);
    }
    for (const id of collection.gone ?? []) {
      for (const name of Object.keys(features)) if (features[name].delete(id)) changed[name].set(id, null);
    }
    if (complete && map) for (const name of Object.keys(features)) redrawAll(name);
    else if (map) timer ??= setTimeout(redraw, REDRAW_MS);
  }

  function redrawAll(name) {
    changed[name].clear();
    map.getSource(name)?.setData(data(name));
  }

  function redraw() {
    timer = null;
    for (const name of Object.keys(features)) {
      const source = map.getSource(name);
      if (!source || !changed[name].size) continue;
      const entries = [...changed[name]];
      source.updateData({ add: entries.map(([, feature]) => feature).filter(Boolean), remove: entries.filter(([, feature]) => !feature).map(([id]) => id) });
      changed[name].clear();
    }
  }

  function install(target, theme) {
    const first = !map;
    map = target;
    const before = map.getLayer("case-cluster") ? "case-cluster" : undefined;
    for (const name of Object.keys(features)) {
      map.addSource(name, { type: "geojson", data: data(name) });
      changed[name].clear();
    }
    [...lampLayers(theme), ...deviceLayers(theme), ...ringLayers(theme)].forEach((layer) => map.addLayer(layer, before));
    if (!first) return;
    map.on("idle", () => (map.getContainer().dataset.ringed = map.queryRenderedFeatures({ layers: RINGS.filter((id) => map.getLayer(id)) }).length));
    for (const layer of ["device", "lamp"]) {
      map.on("click", layer, (event) => {
        const hidden = layer === "lamp" && map.getLayer("device") && map.queryRenderedFeatures(event.point, { layers: ["device"] }).length; // a cabinet stands beside its lamp: one card
        if (!hidden) onChoose(event.features[0].properties, event.features[0].geometry.coordinates);
      });
      map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
      map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
    }
  }

  /** The feature of an asset as it is now, or undefined. */
  const now = (id) => features.devices.get(id) ?? features.lamps.get(id);

  return { install, merge, now, get size() { return features.lamps.size + features.devices.size; } };
}

/** A feature as the layers want it: what is seen as plain properties, readings packed for the card. */
function drawn(feature) {
  const { values = {}, ...properties } = feature.properties;
  const on = values.powerState > 0.5;
  const look = properties.status !== "ok" ? properties.status : on && values.powerConsumption < 2 ? "dark" : on ? "lit" : "ok";
  const parked = properties.kind === "bus" && properties.status === "ok" && values.speed === 0 && values.occupancyPercentage === 0;
  return { ...feature, properties: { ...properties, look, parked, letter: parked ? "" : SYMBOLS[properties.kind] ?? "•", reading: JSON.stringify(values) } };
}

const ALARM = { light: "#c4320a", dark: "#ff7a4d" };
const SILENT = { light: "#6b7480", dark: "#8b95a1" };

/** Dots: warm while lit, grey while off, black where no light comes although switched on, hollow when silent. */
function lampLayers(theme) {
  const dark = theme === "dark";
  const colour = ["match", ["get", "look"], "lit", dark ? "#ffc94d" : "#e6a100", "dark", dark ? "#000000" : "#16191d", "alarm", dark ? "#000000" : "#16191d", "silent", dark ? "#1b2027" : "#f4f2ee", dark ? "#7d8894" : "#9aa2ab"];
  const edge = ["match", ["get", "look"], "alarm", ALARM[theme] ?? ALARM.light, "dark", dark ? "#ffc94d" : "#8a2a0b", "silent", SILENT[theme] ?? SILENT.light, dark ? "#10141a" : "#ffffff"];
  const radius = (usual, striking) => ["match", ["get", "look"], ["dark", "alarm"], striking, usual];
  return [{
    id: "lamp", type: "circle", source: "lamps", minzoom: 12,
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, radius(0.6, 1.6), 14, radius(1.5, 3.4), 16, radius(3, 5), 17.5, radius(6, 8)],
      "circle-color": colour, "circle-stroke-color": edge,
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 13, ["match", ["get", "look"], ["dark", "alarm"], 1, "silent", 0.8, 0], 16, ["match", ["get", "look"], ["dark", "alarm", "silent"], 1.8, 1]],
    },
  }];
}

function deviceLayers(theme) {
  const dark = theme === "dark";
  const colour = ["match", ["get", "status"], "alarm", ALARM[theme] ?? ALARM.light, "silent", SILENT[theme] ?? SILENT.light, dark ? "#5cc4bf" : "#1d7a74"];
  const radius = (usual) => ["case", ["get", "parked"], Math.min(usual, 2.5), ["==", ["get", "status"], "silent"], usual * 0.7, usual];
  return [
    {
      id: "device", type: "circle", source: "devices", minzoom: 11,
      layout: { "circle-sort-key": ["case", ["get", "parked"], 0, ["match", ["get", "status"], "alarm", 3, "silent", 2, 1]] },
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, radius(1.5), 13, radius(3), 14, radius(6.5), 16, radius(8), 17.5, radius(9)],
        "circle-color": ["case", ["==", ["get", "status"], "silent"], dark ? "#1b2027" : "#f4f2ee", colour],
        "circle-stroke-color": ["case", ["==", ["get", "status"], "ok"], dark ? "#10141a" : "#ffffff", colour],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, 0.5, 14, ["case", ["==", ["get", "status"], "ok"], 1.2, 2.2]],
      },
    },
    {
      id: "device-letter", type: "symbol", source: "devices", minzoom: 14,
      layout: { "text-field": ["get", "letter"], "text-font": ["Noto Sans Regular"], "text-size": ["interpolate", ["linear"], ["zoom"], 14, 8, 17, 11], "text-allow-overlap": true },
      paint: { "text-color": ["case", ["==", ["get", "status"], "silent"], colour, dark ? "#10141a" : "#ffffff"] },
    },
  ];
}

const RINGS = ["alarm-ring-lamps", "alarm-ring-devices"];

/** A ring around whatever is in alarm, seen from afar, too. */
function ringLayers(theme) {
  const ring = (source) => ({
    id: `alarm-ring-${source}`, type: "circle", source, filter: ["==", ["get", "status"], "alarm"],
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 6, 13, 10, 16, 15],
      "circle-color": ALARM[theme] ?? ALARM.light, "circle-opacity": 0.14, "circle-stroke-color": ALARM[theme] ?? ALARM.light, "circle-stroke-width": 2.4,
    },
  });
  return [ring("lamps"), ring("devices")]; // their ids are RINGS
}

/** The legend of devices: what the letters and colours mean. */
export function deviceLegend() {
  const kinds = [["B", _("bus; parked ones are dots")], ["F", _("flow meter")], ["S", _("sewer level gauge")], ["R", _("rain gauge")], ["L", _("lighting cabinet")]];
  const lamps = [["lit", _("street lamp, lit")], ["off", _("street lamp, off")], ["dark", _("street lamp, switched on but dark")]];
  const states = [["alarm", "!", _("alarm")], ["watched", "", _("watched: an alarm if it goes on")], ["silent", "", _("silent: no message for a while")]];
  return [
    ...kinds.map(([letter, name]) => h("li", {}, h("span", { class: "letter device" }, letter), name)),
    ...lamps.map(([look, name]) => h("li", {}, h("span", { class: `dot ${look}` }), name)),
    ...states.map(([status, letter, name]) => h("li", {}, h("span", { class: `letter ${status}` }, letter), name)),
  ];
}

/** The card of a clicked device: name, state, its latest values. */
export function deviceCard(properties, onDetails = null) {
  const words = { ok: _("working"), alarm: _("alarm"), silent: _("silent") };
  const values = Object.entries(JSON.parse(properties.reading)).filter(([metric]) => !["longitude", "latitude"].includes(metric));
  return h("div", { class: "device-card" },
    h("strong", {}, named(properties) || `#${properties.id}`), h("span", { class: "chip", data: { status: properties.status } }, words[properties.status] ?? properties.status),
    properties.alarm && h("span", {}, named({ name: properties.alarm, name_en: properties.alarm_en })),
    h("dl", {}, values.flatMap(([metric, value]) => [h("dt", {}, METRICS[metric]?.[0] ?? metric), h("dd", {}, valueText(metric, value))])),
    h("small", {}, shortText(properties.occurred_at)),
    onDetails && h("button", { type: "button", class: "button small", on: { click: onDetails } }, _("All facts")));
}

function valueText(metric, value) {
  if (metric === "powerState" || metric === "doorOpen") return value ? _("yes") : _("no");
  return `${Math.round(value * 100) / 100} ${METRICS[metric]?.[1] ?? ""}`.trim();
}
