// The phone's own position with its accuracy; a map is loaded only when someone wants to correct it.
import { fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { locate } from "./position.js";

/** {element, start(), position()}; onChange(position). */
export function phonePlace({ onChange }) {
  let position = null;
  const words = h("p", { class: "position", role: "status" }, _("not yet known"));
  const again = h("button", { type: "button", class: "button", on: { click: find } }, icon("current-location"), _("My position"));
  const onMap = h("button", { type: "button", class: "button", on: { click: openMap } }, icon("map-2"), _("Choose on the map"));
  const sheet = h("div", { class: "map-sheet", hidden: true });
  const element = h("div", { class: "field" }, h("span", { class: "label" }, _("Place"), h("em", {}, _("required"))), words, h("div", { class: "buttons" }, again, onMap), sheet);

  function set(found) {
    position = found;
    fill(words, icon("map-pin"), `${found.lat.toFixed(5)}, ${found.lon.toFixed(5)}`, found.accuracy_m ? ` ± ${found.accuracy_m} m` : "");
    words.dataset.far = String((found.accuracy_m ?? 0) > 50);
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
      if (position) map.jumpTo({ center: [position.lon, position.lat], zoom: 16 });
      map.on("click", (event) => put(event.lngLat));
    } catch {
      fill(sheet, h("p", { class: "error" }, _("The map needs reception. Use your position instead.")));
    }
  }

  return { element, position: () => position, start: () => position || find() };
}
