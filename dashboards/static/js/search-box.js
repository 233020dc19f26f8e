// Find a street, a place, an asset, a case number: results under the box, chosen with the arrow keys.
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _ } from "./i18n.js";

const KINDS = { case: _("case"), area: _("area"), road: _("road"), asset: _("asset"), place: _("place"), grid: _("grid"), unit_grid: _("grid") };

/** Make `input` search as one types; onChoose gets {kind, name, detail, lon, lat, id}. Returns the list to place below. */
export function searchBox(input, { onChoose }) {
  const id = `${input.id || "search"}-list`;
  const list = h("div", { class: "choices", role: "listbox", id, hidden: true, "aria-label": _("Search results") });
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list", autocomplete: "off" })) input.setAttribute(name, value);
  let results = [];
  let active = -1;
  let request = null;

  const run = debounce(async () => {
    const text = input.value.trim();
    request?.abort();
    if (!text) return close();
    request = new AbortController();
    try {
      results = await get("/api/search", { q: text }, request);
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
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  }
  function option(result, index) {
    return h("div", { role: "option", id: `${id}-${index}`, "aria-selected": "false", on: { pointerdown: (event) => (event.preventDefault(), choose(result)) } },
      h("span", {}, result.name), h("small", {}, KINDS[result.kind] ?? result.kind), result.detail && h("small", { class: "major" }, result.detail));
  }
  function choose(result) {
    close();
    onChoose(result);
  }

  input.addEventListener("input", run);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
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
