// The cases behind one number of the evaluation, in a panel beside the table; each opens on the map.
import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { stateChip } from "./states.js";
import { shortText } from "./time.js";

/** {show(title, parameters of /api/evaluation/cases)} in `element`, a closed panel. */
export function figureCases(element) {
  const close = () => (element.hidden = true);
  element.addEventListener("keydown", (event) => event.key === "Escape" && close());

  async function show(title, parameters) {
    try {
      const { items } = await get("/api/evaluation/cases", parameters);
      draw(title, items);
    } catch (problem) {
      tellProblem(problem);
    }
  }

  function draw(title, items) {
    const button = h("button", { type: "button", class: "quiet", "aria-label": _("Close panel"), on: { click: close } }, icon("x"));
    fill(element, h("header", {}, h("div", { class: "line" }, h("h2", {}, title), button), h("small", {}, _("{total} cases", { total: items.length }))),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, items.map(row)));
    element.hidden = false;
    button.focus();
  }

  return { show };
}

function row(item) {
  return h("a", { class: "row", href: `/map#${item.number}` },
    h("span", { class: "mark", data: { timing: item.timing } }), h("span", { class: "what" }, item.class_name), h("time", {}, shortText(item.occurred_at)),
    h("span", { class: "where" }, stateChip(item), h("span", {}, item.number), item.community && h("span", {}, item.community)));
}
