// What was reported and mended: points on the map, the same cases as a list, one of them looked at closer.
import { get } from "./api.js";
import { citizenPoints } from "./citizen-points.js";
import { debounce, fill, h, icon, one } from "./dom.js";
import { _, locale } from "./i18n.js";
import { createMap } from "./map.js";

const form = one("#choice");
const LISTED = 60;
let asked = 0;

for (const part of ["#choice", "#map-field", "#legend", "#count"]) one(part).hidden = false;
const { map, add } = createMap(one("#map"));
const points = citizenPoints({ onChoose: choose });
add(points);

/** Ask for what the window shows; an answer that comes late for an earlier window is dropped. */
async function load() {
  const mine = (asked += 1);
  const box = map.getBounds();
  const bbox = [Math.max(-180, box.getWest()), Math.max(-90, box.getSouth()), Math.min(180, box.getEast()), Math.min(90, box.getNorth())].map((value) => value.toFixed(5)).join(",");
  const { state, service, days } = form.elements;
  try {
    const found = await get("/report/cases.json", { bbox, state: state.value, service: service.value, days: days.value });
    if (mine !== asked) return;
    points.show(found);
    list(found);
  } catch (problem) {
    if (mine === asked) one("#count").textContent = problem.message;
  }
}

function list({ features, more }) {
  one("#count").textContent = more ? _("More than {count} cases here; come closer.", { count: features.length }) : _("{count} cases on this map", { count: features.length });
  fill(one("#list"), features.slice(0, LISTED).map(({ properties }) => h("li", {}, card(properties))));
}

function card(shown) {
  return h("a", { class: "card", href: `/${locale}/report/cases/${shown.number}` }, icon(shown.icon),
    h("div", {}, h("strong", {}, shown.service), h("span", { class: "stage", data: { stage: shown.stage } }, shown.stage_name),
      h("small", {}, shown.address || shown.area), h("small", {}, shown.reported)));
}

function choose(shown) {
  one("#chosen").hidden = !shown;
  if (shown) fill(one("#chosen"), card(shown), h("button", { type: "button", class: "quiet", "aria-label": _("Close"), on: { click: () => choose(null) } }, icon("x")));
}

form.addEventListener("change", load);
map.on("moveend", debounce(load, 250));
map.once("load", () => load().then(() => (document.body.dataset.ready = "1")));
