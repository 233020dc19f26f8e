// Open cases nearby that may be the same: shown while one is still typing, so that a repeat becomes a "+1".
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { distanceText } from "./position.js";
import { stateChip } from "./states.js";

/** {element, look(position, classCode), clear()}; onChoose(duplicate) when the user says it is the same. */
export function duplicatesList({ onChoose, onShow }) {
  const element = h("div", { class: "duplicates", "aria-live": "polite", hidden: true });
  let request = null;

  const look = debounce(async (position, classCode) => {
    request?.abort();
    if (!position) return clear();
    request = new AbortController();
    try {
      draw(await get("/api/duplicates", { lon: position.lon, lat: position.lat, class_code: classCode }, request));
    } catch (error) {
      if (error.name !== "AbortError") clear(); // only a help: the report can be sent without it
    }
  }, 250);

  function draw(found) {
    element.hidden = !found.length;
    fill(element, h("h3", {}, _("Already open nearby ({count})", { count: found.length })), h("ul", { class: "plain" }, found.slice(0, 5).map(row)));
  }
  function row(one) {
    return h("li", {},
      h("button", { type: "button", class: "link", on: { click: () => onShow?.(one) } }, one.title), stateChip(one), h("small", {}, distanceText(one.distance_m)),
      h("button", { type: "button", class: "button small", on: { click: () => onChoose(one) } }, _("It is this one")));
  }
  function clear() {
    element.hidden = true;
    fill(element);
  }
  return { element, look, clear };
}
