// The place on the citizens' map: tapped, dragged, found by name, or where the phone is; with what is open nearby.
import { Marker } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { get } from "./api.js";
import { debounce, fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { createMap } from "./map.js";
import { locate } from "./position.js";

/** {position()}; onChange(position) after each change. `start` is where it begins, or null. */
export function citizenPlace({ start, onChange }) {
  let position = null;
  const { map } = createMap(one("#map"));
  const pin = new Marker({ color: "#c4320a", draggable: true });
  pin.on("dragend", () => set(pin.getLngLat()));
  map.on("click", (event) => set(event.lngLat));
  one("#locate").addEventListener("click", findMe);

  function set({ lng, lat }, { fly = false } = {}) {
    position = { lon: lng, lat };
    pin.setLngLat([lng, lat]).addTo(map);
    if (fly) map.easeTo({ center: [lng, lat], zoom: Math.max(16.5, map.getZoom()) });
    tell(position);
    onChange(position);
  }

  async function findMe() {
    say(_("Looking for the position…"));
    try {
      const { lon, lat, accuracy_m } = await locate();
      set({ lng: lon, lat }, { fly: true });
      if (accuracy_m > 50) say(_("Your position is good to {metres} m only. Move the pin if it is elsewhere.", { metres: accuracy_m }));
    } catch (error) {
      say(error.message);
    }
  }

  /** The place in words, when they have come and it is still the place. */
  async function tell(place) {
    say(`${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`);
    const found = await get("/report/place.json", place).catch(() => null);
    if (!found || position !== place) return;
    if (found.text) say(found.text);
    one("#outside").hidden = found.inside;
  }

  function say(text) {
    fill(one("#where"), icon("map-pin"), h("span", {}, text));
  }

  searchPlaces((hit) => set({ lng: hit.lon, lat: hit.lat }, { fly: true }));
  if (start) set({ lng: start.lon, lat: start.lat }, { fly: true });
  return { position: () => position, resize: () => map.resize() };
}

/** What is typed as an address is looked for; a hit moves the pin. What stays typed is sent as the address. */
function searchPlaces(onChoose) {
  const input = one("#address");
  const list = h("ul", { class: "choices", role: "listbox", hidden: true, "aria-label": _("Places found") });
  input.after(list);
  input.setAttribute("autocomplete", "off");
  const look = debounce(async () => {
    const q = input.value.trim();
    const hits = q.length < 2 ? [] : await get("/report/search.json", { q }).catch(() => []);
    if (input.value.trim() !== q) return;
    fill(list, hits.map((hit) => h("li", { role: "option", tabindex: 0, on: { click: () => choose(hit), keydown: ({ key }) => key === "Enter" && choose(hit) } }, h("span", {}, hit.name), h("small", {}, hit.detail))));
    list.hidden = !hits.length;
  }, 300);
  function choose(hit) {
    input.value = hit.name;
    list.hidden = true;
    onChoose(hit);
  }
  input.addEventListener("input", look);
  input.addEventListener("blur", () => setTimeout(() => (list.hidden = true), 250));
}
