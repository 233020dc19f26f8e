// Where this device is, with its accuracy; a map is loaded only when someone wants to choose the place instead.
import { fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { locate } from "./position.js";

/**
 * A field: {element, start(), position()}. onChange(position) after each change; describe(position) gives the words
 * shown for it and whether it is doubtful: {words, doubtful}; `about` is the place that the map begins at.
 */
export function ownPlace({ label, onChange = () => {}, describe = coordinates, about = null }) {
  let position = null;
  const words = h("p", { class: "position", role: "status" }, _("not yet known"));
  const again = h("button", { type: "button", class: "button", on: { click: find } }, icon("current-location"), _("My position"));
  const onMap = h("button", { type: "button", class: "button", on: { click: openMap } }, icon("map-2"), _("Choose on the map"));
  const sheet = h("div", { class: "map-sheet", hidden: true });
  const element = h("div", { class: "field" }, h("span", { class: "label" }, label, h("em", {}, _("required"))), words, h("div", { class: "buttons" }, again, onMap), sheet);

  function set(found) {
    position = found;
    const { words: text, doubtful } = describe(found);
    fill(words, icon("map-pin"), text);
    words.dataset.far = String(doubtful);
    onChange(position);
  }
  function find() {
    words.textContent = _("Looking for the position…");
    locate().then(set, (error) => (words.textContent = error.message));
  }
  async function openMap() {
    sheet.hidden = !sheet.hidden;
    if (sheet.hidden || one(".maplibregl-map", sheet)) return;
    try {
      const [{ createMap }, { Marker }] = await Promise.all([import("./map.js"), import("/static/vendor/maplibre-gl/dist/maplibre-gl.mjs")]);
      const { map } = createMap(sheet);
      const pin = new Marker({ color: "#1f6fb2" });
      const put = ({ lng, lat }) => (pin.setLngLat([lng, lat]).addTo(map), set({ lon: lng, lat, system: "wgs84" }));
      const start = position ?? about;
      if (start) map.jumpTo({ center: [start.lon, start.lat], zoom: 16.5 });
      if (about) new Marker({ color: "#c4320a", scale: 0.7 }).setLngLat([about.lon, about.lat]).addTo(map);
      map.on("click", (event) => put(event.lngLat));
    } catch {
      fill(sheet, h("p", { class: "error" }, _("The map needs reception. Use your position instead.")));
    }
  }

  return { element, position: () => position, start: () => position || find() };
}

function coordinates({ lat, lon, accuracy_m: accuracy }) {
  return { words: `${lat.toFixed(5)}, ${lon.toFixed(5)}${accuracy ? ` ± ${accuracy} m` : ""}`, doubtful: (accuracy ?? 0) > 50 };
}
