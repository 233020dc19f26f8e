// The city's map: ground, controls, and overlays that survive a change of colours.
import { AttributionControl, Map, NavigationControl, ScaleControl } from "/static/vendor/maplibre-gl/dist/maplibre-gl.mjs";
import { debounce, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { mapStyle, SOURCES_OF } from "./map-style.js";

/**
 * Make the map in `container`, showing the whole city.
 * Returns {map, add(overlay), home(), changed({ids}), retry()}; an overlay is {install(map, theme)} and is installed again with each style;
 * changed() fetches again what shows the named tables of the core: the server sends only tiles that are different now.
 * retry() fetches tiles again that could not be had while the server was away.
 */
export function createMap(container, { interactive = true } = {}) {
  const map = new Map({
    container, interactive, style: mapStyle(theme()), bounds: cityBounds(), fitBoundsOptions: { padding: 24 },
    attributionControl: false, maxZoom: 19, dragRotate: false, pitchWithRotate: false, fadeDuration: 0, locale: controlTexts(),
    localIdeographFontFamily: "'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new AttributionControl({ compact: false, customAttribution: attribution() }), "bottom-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), container.clientWidth < NARROW_PX ? "top-left" : "bottom-left");
  if (interactive) map.addControl(new NavigationControl({ showCompass: false }), "top-right");

  const overlays = [];
  const install = () => overlays.forEach((overlay) => overlay.install(map, theme()));
  let ready = false;
  map.on("style.load", () => {
    ready = true;
    install();
  });
  addEventListener("theme", () => map.setStyle(mapStyle(theme()), { diff: false }));
  const stale = new Set();
  const showChanges = debounce(() => {
    stale.forEach((source) => map.getSource(source) && map.refreshTiles(source));
    stale.clear();
  }, 1000);
  let missing = false;
  map.on("error", ({ error }) => {
    if (error?.status === undefined && !/fetch/i.test(error?.message ?? "")) return console.error(error);
    missing = true; // a tile without reception: the connection light says so already
  });
  container.dataset.map = "loading";
  window.cityMap = map; // for whoever looks at the page from outside: tests, the browser's console
  map.once("idle", () => (container.dataset.map = "idle"));
  return {
    map,
    add(overlay) {
      overlays.push(overlay);
      if (ready) overlay.install(map, theme());
    },
    changed({ ids }) {
      for (const table of ids) (SOURCES_OF[table] ?? []).forEach((source) => stale.add(source));
      showChanges();
    },
    retry() {
      if (missing) Object.keys(mapStyle(theme()).sources).forEach((source) => map.refreshTiles(source));
      missing = false;
    },
    home: () => map.fitBounds(cityBounds(), { padding: 24 }),
  };
}

const NARROW_PX = 640; // below this the credits need the whole lower edge

const theme = () => document.documentElement.dataset.theme;

/** [[west, south], [east, north]] of the city, in WGS 84 degrees. */
function cityBounds() {
  const [west, south, east, north] = (meta("city-bounds") || "-180,-60,180,75").split(",").map(Number);
  return [[west, south], [east, north]];
}

function attribution() {
  return meta("attribution") || _("Demonstration city: invented data");
}

function controlTexts() {
  return {
    "NavigationControl.ZoomIn": _("Zoom in"), "NavigationControl.ZoomOut": _("Zoom out"),
    "AttributionControl.ToggleAttribution": _("Sources of the map"), "Map.Title": _("Map"),
  };
}
