// Where it happened: searched by name, clicked on the map, or the device's own position.
import { Marker } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { searchBox } from "./search-box.js";

let serial = 0;

/**
 * {element, position(), address(), set(position, address), clear()}; position is {lon, lat, system} or null.
 * While `isActive()` a click on `map` sets the place; the pin can be dragged.
 */
export function placeField({ map, isActive = () => true, onChange = () => {} }) {
  let position = null;
  const id = `place-${(serial += 1)}`;
  const input = h("input", { type: "search", id, name: "position", placeholder: _("street, place, asset or grid code"), "aria-required": "true" });
  const results = searchBox(input, { onChoose: (result) => {
    input.value = result.name;
    set({ lon: result.lon, lat: result.lat, system: "wgs84" });
    map.easeTo({ center: [result.lon, result.lat], zoom: Math.max(16, map.getZoom()) });
  }, near: () => map.getCenter() });
  const words = h("p", { class: "hint", role: "status" });
  const element = h("div", { class: "field picker" }, h("label", { for: id }, _("Place"), h("em", {}, _("required"))), input, results, words);
  const pin = new Marker({ color: "#1f6fb2", draggable: true });
  pin.on("dragend", () => set({ ...asPosition(pin.getLngLat()) }));
  map.on("click", (event) => isActive() && set(asPosition(event.lngLat)));

  function set(place) {
    position = place;
    pin.setLngLat([place.lon, place.lat]).addTo(map);
    say();
    tell(place);
    onChange(position);
  }
  function say() {
    fill(words, position ? [icon("map-pin"), `${position.lat.toFixed(5)}, ${position.lon.toFixed(5)}`] : [icon("info-circle"), _("Search for it, or click on the map.")]);
  }
  /** The place in words, when they have come and it is still the place; without reception the numbers stay. */
  async function tell(place) {
    const found = await get("/api/gis/describe", { lon: place.lon, lat: place.lat }).catch(() => null);
    const text = found && [found.text, found.grid].filter(Boolean).join(" · ");
    if (text && position === place) fill(words, icon("map-pin"), h("span", { data: { described: "" } }, text));
  }
  function clear() {
    position = null;
    input.value = "";
    pin.remove();
    say();
  }
  say();
  return { element, input, position: () => position, address: () => input.value.trim(), set, clear };
}

/** A place on the map is WGS 84: that is what the tiles are made of. */
const asPosition = ({ lng, lat }) => ({ lon: lng, lat, system: "wgs84" });
