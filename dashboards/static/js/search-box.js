// Find a street, a place, an asset, a case number: results under the box, chosen with the arrow keys.
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { kindName } from "./kinds.js";

const EXACT = {
  door: _("at the door"), range: _("by the numbers of the street"), between: _("between two known doors"), beyond: _("at the last known door"),
  crossing: _("crossing"), road: _("street only: number not known"), place: _("near it"), offset: _("measured from there"),
  point: _("coordinates, WGS 84"),
};

/**
 * Make `input` search as one types; onChoose gets {kind, name, detail, lon, lat, id}. Returns the list to place below.
 * near() gives the place {lng, lat} from which to look for the nearest when a kind of asset is typed; without it kinds are not found.
 */
export function searchBox(input, { onChoose, near = null }) {
  const id = `${input.id || "search"}-list`;
  const list = h("div", { class: "choices", role: "listbox", id, hidden: true, "aria-label": _("Search results") });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off" })) input.setAttribute(name, value);
  let results = [];
  let active = -1;
  let request = null;
  let asked = ""; // what the list answers
  let hasty = false; // Enter came before the answer: its first hit is meant

  const run = debounce(async () => {
    const text = input.value.trim();
    request?.abort();
    if (!text) return close();
    request = new AbortController();
    try {
      results = await get("/api/search", { q: text, with_kinds: near && true }, request);
      asked = text;
      if (hasty && results.length) return choose(results[0]);
      draw();
    } catch (error) {
      if (error.name !== "AbortError") show(h("p", { class: "empty" }, error.message));
    }
  }, 180);

  function draw() {
    active = -1;
    show(results.length ? results.slice(0, 12).map(option) : h("p", { class: "empty" }, _("Nothing found. Try a shorter name, or choose the place on the map.")));
  }
  function show(...children) {
    fill(list, children);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }
  function close() {
    hasty = false;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }
  function option(result, index) {
    return h("div", { role: "option", id: `${id}-${index}`, "aria-selected": "false", on: { pointerdown: (event) => (event.preventDefault(), choose(result)) } },
      h("span", {}, result.how === "slip" ? corrected(result.name, input.value) : result.name), h("small", {}, result.kind === "kind" ? _("kind of asset: show the nearest") : kindName(result.kind)), foundBy(result));
  }
  /** The nearest of a kind take the place of the hits. */
  async function listNearest({ code, name }) {
    const { lng: lon, lat } = near();
    try {
      const found = await get("/api/gis/nearest", { lon, lat, kind: code, reach_m: 5000, k: 12 });
      results = found.map((one) => ({ ...one, name: one.name || one.code || name, detail: one.distance_m >= 999.5 ? `${(one.distance_m / 1000).toFixed(1)} km` : `${Math.round(one.distance_m)} m` }));
      asked = input.value.trim();
      if (results.length) draw();
      else show(h("p", { class: "empty" }, _("None of this kind within 5 km of the middle of the map.")));
    } catch (error) {
      show(h("p", { class: "empty" }, error.message));
    }
  }
  function choose(result) {
    if (result.kind === "kind") {
      hasty = false;
      return void listNearest(result);
    }
    close();
    onChoose(result);
    asked = input.value.trim(); // some write the hit's name into the box
  }

  input.addEventListener("input", () => {
    hasty = false;
    run();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const waits = input.value.trim() && input.value.trim() !== asked;
    if (event.key === "Enter" && waits) hasty = true;
    else if (list.hidden) return;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      active = Math.min(results.length - 1, Math.max(0, active + (event.key === "ArrowDown" ? 1 : -1)));
      [...list.children].forEach((child, index) => child.setAttribute("aria-selected", String(index === active)));
      input.setAttribute("aria-activedescendant", `${id}-${active}`);
    } else if (event.key === "Enter" && results.length) choose(results[Math.max(0, active)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  if (input.value) run(); // typed before this script had come
  return list;
}

/** Area, how exact an address is, and the writing that was found where it is not the name shown. */
function foundBy({ name, detail, precision, found_by, how, apart_m: metres }) {
  if (precision === "apart") return h("small", { class: "major" }, _("These roads do not meet: here they are nearest, {metres} m apart.", { metres }));
  const also = !precision && how !== "code" && found_by && found_by !== name ? found_by : "";
  const words = [detail, EXACT[precision], also].filter(Boolean).join(" · ");
  return words && h("small", { class: "major" }, words);
}

/** The name with the letters marked that were not typed so: the longest common part stays plain. */
export function corrected(name, typed) {
  const [a, b] = [[...name.toLowerCase()], [...typed.trim().toLowerCase()]];
  const best = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1) best[i][j] = a[i] === b[j] ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1]);
  const kept = new Set();
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) kept.add(i++), (j += 1);
    else if (best[i + 1][j] >= best[i][j + 1]) i += 1;
    else j += 1;
  }
  return kept.size < a.length / 3 ? name : [...name].map((letter, index) => (kept.has(index) ? letter : h("mark", {}, letter)));
}
