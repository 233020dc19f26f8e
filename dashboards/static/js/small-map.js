// A small map to look at, not to work with: one place and numbered things around it. Loaded when it is first needed.
import { h, meta } from "./dom.js";
import { _ } from "./i18n.js";

const CLOSEST_ZOOM = 17;

/** Streets and houses without what stands beside them: at this size every lamp would cover the numbers. */
const plain = (style) => ({ ...style, layers: style.layers.filter(({ source }) => source !== "asset" && source !== "pipe") });

/** {element, draw(place, things)}: `place` and `things` are {lon, lat, likely}; things are numbered as they come, from 1. */
export function smallMap() {
  const ground = h("div", { class: "small-map", role: "img" });
  const element = h("figure", { class: "small-map-figure", hidden: true }, ground, h("figcaption", {}, meta("attribution") || ""));
  let made = null;
  let marks = [];

  async function draw(place, things) {
    const placed = things.filter(({ lon }) => lon !== null);
    element.hidden = !placed.length;
    if (!placed.length) return;
    ground.setAttribute("aria-label", _("The place of the report and {count} cases around it", { count: placed.length }));
    try {
      made ??= make();
      const { map, Marker, LngLatBounds } = await made;
      marks.forEach((mark) => mark.remove());
      const put = (thing, className, text) => new Marker({ element: h("span", { class: className }, text) }).setLngLat([thing.lon, thing.lat]).addTo(map);
      marks = [put(place, "spot own", ""), ...things.flatMap((one, index) => (one.lon === null ? [] : [put(one, one.likely ? "spot likely" : "spot", String(index + 1))]))];
      const bounds = placed.reduce((box, one) => box.extend([one.lon, one.lat]), new LngLatBounds([place.lon, place.lat], [place.lon, place.lat]));
      map.resize();
      map.fitBounds(bounds, { padding: 32, maxZoom: CLOSEST_ZOOM, animate: false });
    } catch {
      made = null;
      element.hidden = true; // without reception the list stays
    }
  }

  async function make() {
    const [{ LngLatBounds, Map, Marker }, { mapStyle }] = await Promise.all([import("/static/vendor/maplibre-gl/dist/maplibre-gl.mjs"), import("./map-style.js")]);
    const theme = () => document.documentElement.dataset.theme;
    const map = new Map({ container: ground, interactive: false, style: plain(mapStyle(theme())), center: [0, 0], zoom: 15, attributionControl: false, fadeDuration: 0,
      localIdeographFontFamily: "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif" });
    addEventListener("theme", () => map.setStyle(plain(mapStyle(theme())), { diff: false }));
    map.on("error", () => {}); // tiles without reception
    return { map, Marker, LngLatBounds };
  }
  return { element, draw };
}
