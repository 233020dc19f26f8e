// Devices on the map: buses move, meters and lamps show their state; an alarm is a ring, silence is hollow.
import { h } from "./dom.js";
import { _, named } from "./i18n.js";
import { shortText } from "./time.js";

const SYMBOLS = { bus: "B", street_lamp: "L", lamp_cabinet: "L", flow_meter: "F", pressure_meter: "P", sewer_level_meter: "S" };

/** Names and units of what devices measure (config/profiles.toml); position is seen, not read. */
const METRICS = {
  powerConsumption: [_("power"), "W"], illuminanceLevel: [_("dimming level"), "%"], powerState: [_("switched on"), ""],
  flowRate: [_("flow"), "m³/h"], pressure: [_("pressure"), "MPa"], fluidLevel: [_("level"), "m"], fillingLevel: [_("filling"), "%"],
  speed: [_("speed"), "km/h"], bearing: [_("heading"), "°"],
};

/** An overlay for createMap().add(). `onChoose(properties, point)` is called for a clicked device. */
export function deviceOverlay({ onChoose }) {
  const features = new Map();
  let map = null;
  let waiting = false;
  const data = () => ({ type: "FeatureCollection", features: [...features.values()] });

  function merge(collection) {
    for (const feature of collection.features) {
      const properties = { ...feature.properties, values: undefined, letter: SYMBOLS[feature.properties.kind] ?? "•" };
      properties.reading = JSON.stringify(feature.properties.values ?? {});
      features.set(feature.properties.id, { ...feature, properties });
    }
    if (waiting || !map) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      map.getSource("devices")?.setData(data());
    });
  }

  function install(target, theme) {
    const first = !map;
    map = target;
    map.addSource("devices", { type: "geojson", data: data() });
    deviceLayers(theme).forEach((layer) => map.addLayer(layer, map.getLayer("case-cluster") ? "case-cluster" : undefined));
    if (!first) return;
    map.on("click", "device", (event) => onChoose(event.features[0].properties, event.features[0].geometry.coordinates));
    map.on("mouseenter", "device", () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", "device", () => (map.getCanvas().style.cursor = ""));
  }

  return { install, merge, get size() { return features.size; } };
}

function deviceLayers(theme) {
  const dark = theme === "dark";
  const colour = ["match", ["get", "status"], "alarm", dark ? "#ff7a4d" : "#c4320a", "silent", dark ? "#8b95a1" : "#6b7480", dark ? "#5cc4bf" : "#1d7a74"];
  const isSmall = ["all", ["in", ["get", "kind"], ["literal", ["street_lamp", "lamp_cabinet"]]], ["!=", ["get", "status"], "alarm"]];
  const radius = (small, usual) => ["case", isSmall, small, ["==", ["get", "status"], "silent"], usual * 0.7, usual];
  return [
    {
      id: "device", type: "circle", source: "devices", minzoom: 11,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, radius(0.5, 1.5), 13, radius(1, 3), 14, radius(1.6, 6.5), 16, radius(3, 8), 17.5, radius(7, 9)],
        "circle-color": ["case", ["==", ["get", "status"], "silent"], dark ? "#1b2027" : "#f4f2ee", colour],
        "circle-stroke-color": ["case", ["==", ["get", "status"], "ok"], dark ? "#10141a" : "#ffffff", colour],
        "circle-opacity": ["interpolate", ["linear"], ["zoom"], 15, ["case", isSmall, 0.55, 1], 16.5, 1],
        "circle-stroke-opacity": ["interpolate", ["linear"], ["zoom"], 15, ["case", isSmall, 0.4, 1], 16.5, 1],
        "circle-stroke-width": ["case", isSmall, 1, ["==", ["get", "status"], "ok"], 1.2, 2.2],
      },
    },
    {
      id: "device-letter", type: "symbol", source: "devices", minzoom: 14, filter: ["any", ["!", isSmall], [">=", ["zoom"], 17]],
      layout: { "text-field": ["get", "letter"], "text-font": ["Noto Sans Regular"], "text-size": ["interpolate", ["linear"], ["zoom"], 14, 8, 17, 11], "text-allow-overlap": true },
      paint: { "text-color": ["case", ["==", ["get", "status"], "silent"], colour, dark ? "#10141a" : "#ffffff"] },
    },
  ];
}

/** The legend of devices: what the letters and colours mean. */
export function deviceLegend() {
  const kinds = [["B", _("bus")], ["F", _("flow meter")], ["S", _("sewer level gauge")], ["L", _("street lamp (a dot from afar)")]];
  const states = [["alarm", "!", _("alarm")], ["silent", "", _("silent: no message for a while")]];
  return [
    ...kinds.map(([letter, name]) => h("li", {}, h("span", { class: "letter device" }, letter), name)),
    ...states.map(([status, letter, name]) => h("li", {}, h("span", { class: `letter ${status}` }, letter), name)),
  ];
}

/** The card of a clicked device: name, state, its latest values. */
export function deviceCard(properties) {
  const words = { ok: _("working"), alarm: _("alarm"), silent: _("silent") };
  const values = Object.entries(JSON.parse(properties.reading)).filter(([metric]) => !["longitude", "latitude"].includes(metric));
  return h("div", { class: "device-card" },
    h("strong", {}, named(properties) || `#${properties.id}`), h("span", { class: "chip", data: { status: properties.status } }, words[properties.status] ?? properties.status),
    h("dl", {}, values.flatMap(([metric, value]) => [h("dt", {}, METRICS[metric]?.[0] ?? metric), h("dd", {}, valueText(metric, value))])),
    h("small", {}, shortText(properties.occurred_at)));
}

function valueText(metric, value) {
  if (metric === "powerState") return value ? _("yes") : _("no");
  return `${Math.round(value * 100) / 100} ${METRICS[metric]?.[1] ?? ""}`.trim();
}
