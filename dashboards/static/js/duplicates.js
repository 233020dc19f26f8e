// Open cases that may be the same: shown while one is still typing, so that a repeat becomes a "+1" on the case that stands.
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { distanceText } from "./position.js";
import { smallMap } from "./small-map.js";
import { stateChip } from "./states.js";
import { fullText, shortText } from "./time.js";

/** {element, look(position, classCode, words), clear()}; onChoose(duplicate) when the user says it is the same. */
export function duplicatesList({ onChoose, onShow }) {
  const title = h("h3", {});
  const list = h("ol", { class: "plain" });
  const map = smallMap();
  const element = h("div", { class: "duplicates", "aria-live": "polite", hidden: true }, title, map.element, list);
  let request = null;

  const look = debounce(async (position, classCode, words = "") => {
    request?.abort();
    if (!position) return clear();
    request = new AbortController();
    try {
      draw(position, await get("/api/duplicates", { lon: position.lon, lat: position.lat, class_code: classCode, text: words.trim() || undefined }, request));
    } catch (error) {
      if (error.name !== "AbortError") clear(); // only a help: the report can be sent without it
    }
  }, 250);

  function draw(position, found) {
    element.hidden = !found.length;
    title.textContent = _("Already open nearby ({count})", { count: found.length });
    fill(list, found.map(row));
    map.draw(position, found);
  }
  function row(one, index) {
    return h("li", { class: one.likely ? "likely" : "" }, h("span", { class: one.likely ? "spot likely" : "spot" }, String(index + 1)),
      one.may_open ? h("button", { type: "button", class: "link", on: { click: () => onShow?.(one) } }, one.title || one.class_name) : h("span", {}, _("A case of somebody else's")),
      stateChip(one), one.may_open && h("button", { type: "button", class: "button small", on: { click: () => onChoose(one) } }, _("It is this one")),
      h("small", { title: fullText(one.occurred_at) }, [likelihood(one), distanceText(one.distance_m), shortText(one.occurred_at), ...alike(one.parts), one.reports > 1 && _("reported {count} times", { count: one.reports })].filter(Boolean).join(" · ")));
  }
  function clear() {
    element.hidden = true;
    fill(list);
  }
  return { element, look, clear };
}

const SAYS_SOMETHING = 0.5;

export const likelihood = ({ score, likely }) => (likely ? _("Likely the same, {percent} %", { percent: Math.round(score * 100) }) : _("{percent} % alike", { percent: Math.round(score * 100) }));

/** In what two reports are alike, beside place and time, which are told as numbers. */
export function alike(parts) {
  const words = { class: _("same class"), asset: _("same asset"), words: _("similar words"), photo: _("similar photo") };
  return Object.entries(words).filter(([name]) => (parts[name] ?? 0) >= SAYS_SOMETHING).map(([, text]) => text);
}
