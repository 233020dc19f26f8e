// Alarms that stand: how many, the list behind the number, the course of lines that are in trouble; and what may become one.
import { get } from "./api.js";
import { debounce, fill, h, one } from "./dom.js";
import { _, named } from "./i18n.js";
import { warn } from "./notify.js";
import { shortText } from "./time.js";

const FEW = 5;
const WATCHED = { light: "#b7791f", dark: "#f0c05a" };

/** An overlay for createMap().add() that fills `menu` (a <details>). `onChoose(alarm)` is called for a chosen one. */
export function alarmOverlay(menu, { onChoose }) {
  let map = null;
  let alarms = [];
  let watched = [];
  let known = null; // ids that have been told; null before the first load
  const places = () => ({ type: "FeatureCollection", features: watched.map(({ lon, lat }) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } })) });
  const courses = () => ({ type: "FeatureCollection", features: alarms.filter(({ course }) => course).map(({ id, course }) => ({ type: "Feature", id, properties: {}, geometry: course })) });

  const read = async () => {
    const answer = await get("/api/alarms").catch(() => null);
    if (!answer) return;
    ({ alarms, watched } = answer);
    const fresh = alarms.filter(({ id }) => known && !known.has(id));
    known = new Set(alarms.map(({ id }) => id));
    one("strong", menu).textContent = answer.total;
    menu.dataset.alarms = answer.total;
    menu.dataset.watched = watched.length;
    one("em", menu).textContent = watched.length ? `+${watched.length}` : "";
    one("em", menu).title = watched.length ? _("{count} watched: no alarm yet", { count: watched.length }) : "";
    fill(one("ol", menu), byRule(alarms).map(group), !alarms.length && h("li", { class: "none" }, _("No device is in alarm.")));
    fill(one("ul", menu), watched.length > 0 && h("li", { class: "none" }, _("Watched: an alarm if it goes on")), byRule(watched).map(group));
    map?.getSource("alarm-courses")?.setData(courses());
    map?.getSource("watched")?.setData(places());
    if (fresh.length) warn(fresh.length === 1 ? _("Alarm: {name}, {place}", { name: named(fresh[0]), place: placeOf(fresh[0]) }) : _("{count} new alarms; they are ringed on the map.", { count: fresh.length }));
  };

  /** Rules with few alarms first: in a storm the one burst main must not lie under sixty gauges. */
  function group(members) {
    if (members.length <= FEW) return members.map(row);
    return h("li", {}, h("details", {}, h("summary", {}, `${named(members[0])} · ${members.length}`), h("ol", {}, members.map(row))));
  }

  function row(alarm) {
    const choose = () => {
      menu.open = false;
      onChoose(alarm);
    };
    return h("li", {}, h("button", { type: "button", class: "quiet", data: { alarm: alarm.rule }, on: { click: choose } },
      h("span", {}, named(alarm)), h("small", {}, `${placeOf(alarm)} · ${timeOf(alarm)}`)));
  }

  return {
    reload: debounce(read, 300),
    /** Who was watched for its silence and speaks again is no longer watched. */
    heard({ features = [] }) {
      const silent = new Set(watched.filter((each) => each.silent).map(({ asset_id }) => asset_id));
      if (features.some(({ id, properties }) => silent.has(id) && properties.status !== "silent")) this.reload();
    },
    install(target, theme) {
      if (!map) target.on("idle", () => (target.getContainer().dataset.watched = target.queryRenderedFeatures({ layers: ["watched-ring"].filter((id) => target.getLayer(id)) }).length));
      map = target;
      map.addSource("alarm-courses", { type: "geojson", data: courses() });
      const under = map.getLayer("lamp") ? "lamp" : undefined;
      map.addLayer({
        id: "alarm-course", type: "line", source: "alarm-courses", layout: { "line-join": "round", "line-cap": "round" },
        paint: { "line-color": theme === "dark" ? "#ff7a4d" : "#c4320a", "line-opacity": 0.4, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 2.5, 16, 8] },
      }, under);
      map.addSource("watched", { type: "geojson", data: places() });
      map.addLayer({
        id: "watched-ring", type: "circle", source: "watched",
        paint: {
          "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 6, 13, 10, 16, 15], "circle-color": WATCHED[theme], "circle-opacity": 0.1,
          "circle-stroke-color": WATCHED[theme], "circle-stroke-width": 2,
        },
      }, map.getLayer("case-cluster") ? "case-cluster" : undefined);
    },
  };
}

function placeOf(alarm) {
  const name = named({ name: alarm.asset_name, name_en: alarm.asset_name_en }) || alarm.device_id;
  return alarm.members?.length ? _("{name} ({count} devices)", { name, count: alarm.members.length }) : name;
}

function timeOf({ occurred_at, alarm_at }) {
  return occurred_at ? shortText(occurred_at) : _("alarm at {time}", { time: shortText(alarm_at) });
}

function byRule(alarms) {
  const groups = new Map();
  for (const alarm of alarms) groups.set(alarm.rule, [...(groups.get(alarm.rule) ?? []), alarm]);
  return [...groups.values()].sort((a, b) => a.length - b.length);
}
