// Which layers of the map are shown; the choice is remembered on this computer.
import { h } from "./dom.js";
import { _ } from "./i18n.js";

const CHOICES = [
  { id: "areas", name: _("areas"), layers: ["area-line", "area-name"], on: true },
  { id: "grids", name: _("unit grids"), layers: ["grid-line", "grid-code"], on: false },
  { id: "buildings", name: _("buildings"), layers: ["building"], on: true },
  { id: "pipes", name: _("water mains and sewers"), layers: ["pipe"], on: false },
  { id: "bus-lines", name: _("bus lines"), layers: ["bus-line", "bus-line-number"], on: false },
  { id: "devices", name: _("devices"), layers: ["device", "device-letter"], on: true },
  { id: "lights", name: _("lamps: lit, off, dark"), layers: ["lamp"], on: true },
];
const ASSETS = [
  { id: "lamps", name: _("street lamps"), kinds: ["street_lamp", "lamp_cabinet"] },
  { id: "water", name: _("water and drainage"), kinds: ["valve", "hydrant", "flow_meter", "pressure_meter", "water_plant", "manhole", "outfall", "sewer_level_meter", "rainwater_grate"] },
  { id: "traffic", name: _("stops, signs, signals, bridges"), kinds: ["bus_stop", "bus_station", "metro_station", "traffic_sign", "traffic_signal", "bridge", "camera"] },
  { id: "others", name: _("other assets"), kinds: null },
];

/** An overlay that applies the choice, and the checkboxes for it. */
export function layerChoice() {
  const shown = { ...Object.fromEntries(CHOICES.map(({ id, on }) => [id, on])), ...Object.fromEntries(ASSETS.map(({ id }) => [id, true])), ...remembered() };
  let map = null;

  function apply() {
    for (const { id, layers } of CHOICES) {
      for (const layer of layers) if (map.getLayer(layer)) map.setLayoutProperty(layer, "visibility", shown[id] ? "visible" : "none");
    }
    for (const layer of ["asset", "asset-name"]) map.setFilter(layer, assetFilter(shown));
  }

  function box(choice) {
    const input = h("input", { type: "checkbox", name: choice.id, checked: shown[choice.id], on: {
      change: () => {
        shown[choice.id] = input.checked;
        localStorage.setItem("layers", JSON.stringify(shown));
        if (map) apply();
      },
    } });
    return h("label", { class: "check" }, input, choice.name);
  }

  return {
    install(target) {
      map = target;
      apply();
    },
    boxes: () => [...CHOICES.map(box), h("hr"), ...ASSETS.map(box), h("small", {}, _("Assets appear when you zoom in."))],
  };
}

/** Chosen kinds; what no group names belongs to the last one. Places are labels, not assets. */
function assetFilter(shown) {
  const kind = ["get", "kind"];
  const hidden = ASSETS.filter(({ id, kinds }) => kinds && !shown[id]).flatMap(({ kinds }) => kinds);
  const known = ASSETS.flatMap(({ kinds }) => kinds ?? []);
  return ["all", ["!=", kind, "place"], ["!", ["in", kind, ["literal", hidden]]], shown.others ? true : ["in", kind, ["literal", known]]];
}

function remembered() {
  try {
    return JSON.parse(localStorage.getItem("layers") ?? "{}");
  } catch {
    return {};
  }
}
