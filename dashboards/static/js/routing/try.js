// Who would get it, and why: a place clicked on the map, a class, a moment; every rule with its reason.
import { get } from "../api.js";
import { classPicker } from "../class-picker.js";
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";
import { inputText } from "../time.js";

/** Fill `content`; asks the rules of `setId` (null: those in force). */
export function drawTry(content, { setId, choices, ground }) {
  let place = null;
  let asked = 0;
  const picker = classPicker({ label: _("Class"), onChoose: ask });
  const select = (words, label) => h("select", { "aria-label": label, on: { change: ask } }, Object.entries(words).map(([value, text]) => h("option", { value }, text)));
  const source = select(choices.words.sources, _("Source"));
  const priority = select(choices.words.priorities, _("Urgency"));
  const moment = h("input", { type: "datetime-local", value: inputText(), "aria-label": _("When"), on: { change: ask } });
  const weather = h("div", { class: "ticks line" }, Object.entries(choices.words.weather).map(([value, text]) => h("label", { class: "line" }, h("input", { type: "checkbox", value, checked: choices.weather.up.includes(value), on: { change: ask } }), text)));
  const answer = h("div", { class: "pad-less", role: "status" }, h("p", { class: "empty" }, icon("map-pin"), _("Click a place on the map.")));
  ground.onPlace((here) => {
    place = here;
    ground.pin(here);
    ask();
  });
  fill(content, h("div", { class: "pad" },
    picker.element, h("div", { class: "line" }, source, priority, moment), weather, answer));

  async function ask() {
    if (!place) return;
    const turn = (asked += 1);
    const flags = [...weather.querySelectorAll("input:checked")].map((box) => box.value).join(",");
    const question = { lon: place.lon, lat: place.lat, class_code: picker.code(), source: source.value, priority: priority.value, at: moment.value, set_id: setId };
    try {
      const told = await get(`/api/routing/explain?weather=${encodeURIComponent(flags)}&`, question);
      if (turn === asked) show(told);
    } catch (problem) {
      if (turn === asked) fill(answer, h("p", { class: "error" }, problem.message, " ", problem.nextStep));
    }
  }

  function show({ unit, rule, reason, considered, place: where }) {
    const lost = reason === "fallback";
    fill(answer,
      h("div", { class: "answer", data: { lost } }, h("strong", {}, named(unit)),
        h("span", {}, lost ? _("No rule fits: the fallback desk gets it, and the dispatchers are told.") : _("by rule {number}: {name}", { number: rule.number, name: named(rule) })),
        h("small", {}, [where.areas.join(" › "), where.grid, where.asset].filter(Boolean).join(" · ") || _("outside the city"))),
      h("h3", {}, _("Every rule, in the order in which it is asked")),
      h("ol", { class: "considered" }, considered.map((one) => h("li", { data: { outcome: one.outcome } }, h("span", { class: "number" }, one.number), h("span", {}, named(one)), h("small", {}, one.why)))));
  }
}
