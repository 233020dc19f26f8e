// The city as of a date: the register's assets as they were, drawn over the ground in place of those of today.
import { get } from "./api.js";
import { debounce, fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { inputText } from "./time.js";

const FROM_ZOOM = 14;
const TODAY = ["asset", "asset-name", "pipe", "bus-line", "bus-line-number", "device", "device-letter", "lamp", "alarm-ring-lamps", "alarm-ring-devices"];
const PAST = ["past-area", "past-line", "past-point"];
const NOTHING = { type: "FeatureCollection", features: [] };

/**
 * An overlay for createMap().add(), with the menu in `menu` and the banner in `banner`.
 * `at()` is the chosen moment ("2026-03-01T12:00") or null; onChange is called when it changes.
 */
export function pastOverlay(menu, banner, { onChange, restore }) {
  let map = null;
  let chosen = null;
  let data = NOTHING;
  const input = h("input", { type: "datetime-local", max: inputText(), value: inputText(Date.now() - 30 * 86_400_000), "aria-label": _("Moment"), id: "past-moment" });
  const form = h("form", { class: "past-form", on: { submit: (event) => (event.preventDefault(), choose(input.value || null), (menu.open = false)) } },
    h("label", { for: "past-moment" }, _("The city as it was on")), input, h("button", { class: "button primary small" }, _("Show")));
  fill(one("div", menu), form);
  const words = h("span", {});
  fill(banner, icon("history"), words, h("button", { type: "button", class: "button small", on: { click: () => choose(null) } }, _("Back to today")));

  function choose(moment) {
    chosen = moment;
    banner.hidden = !chosen;
    data = NOTHING;
    apply();
    load();
    onChange?.(chosen);
  }

  function apply() {
    if (!map) return;
    map.getSource("past")?.setData(data);
    map.getContainer().dataset.past = chosen ?? "";
    if (chosen) for (const id of TODAY) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", "none");
    if (!chosen) {
      for (const id of TODAY) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", "visible");
      restore(map);
    }
  }

  const load = debounce(async () => {
    if (!chosen || !map) return;
    const time = chosen.replace("T", " ");
    if (map.getZoom() < FROM_ZOOM) return (words.textContent = _("The city as of {time}: zoom in to see its assets.", { time }));
    const bounds = map.getBounds();
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((value) => value.toFixed(6)).join(",");
    const asked = chosen;
    try {
      const found = await get("/api/assets.geojson", { bbox, at: asked });
      if (asked !== chosen) return;
      data = found;
      map.getSource("past").setData(data);
      const changed = data.features.filter(({ properties }) => properties.changed).length;
      words.textContent = !data.features.length ? _("You look at the city as of {time}: the register knows of no asset here at that time. Choose a later time, or another place.", { time }) : [_("You look at the city as of {time}: {count} assets here, {changed} of them changed since.", { time, count: data.features.length, changed }), !data.complete && _("Zoom in to see all.")].filter(Boolean).join(" ");
      map.getContainer().dataset.pastCount = data.features.length;
    } catch (problem) {
      tellProblem(problem);
    }
  }, 200);

  function install(target, theme) {
    const first = !map;
    map = target;
    map.addSource("past", { type: "geojson", data });
    layersFor(theme).forEach((layer) => map.addLayer(layer, map.getLayer("case-cluster") ? "case-cluster" : undefined));
    if (chosen) apply();
    if (!first) return;
    map.on("moveend", load);
  }

  return {
    install, at: () => chosen,
    /** The past asset under a point of the screen, or null. */
    hit: (point) => map.queryRenderedFeatures([[point.x - 5, point.y - 5], [point.x + 5, point.y + 5]], { layers: PAST })[0]?.properties ?? null,
  };
}

function layersFor(theme) {
  const dark = theme === "dark";
  const colour = ["case", ["get", "changed"], dark ? "#ff9d5c" : "#c4320a", dark ? "#9fb3c8" : "#51606f"];
  const only = (...kinds) => ["in", ["geometry-type"], ["literal", kinds]];
  return [
    { id: "past-area", type: "fill", source: "past", filter: only("Polygon"), paint: { "fill-color": colour, "fill-opacity": 0.25 } },
    { id: "past-line", type: "line", source: "past", filter: only("LineString"), paint: { "line-color": colour, "line-width": 2.2, "line-opacity": 0.8 } },
    { id: "past-point", type: "circle", source: "past", filter: only("Point"), paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 14, 2, 18, 6], "circle-stroke-color": dark ? "#10141a" : "#ffffff", "circle-stroke-width": 1 } },
  ];
}
