// Classes that the words speak of, shown while one is still typing; one click takes one. What was shown is sent with the report, to be learnt from.
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _, locale, named } from "./i18n.js";

const FEWEST_LETTERS = 2;

/** {element, look(text), mark(classCode), shown(), clear()}. onTake(suggestion) when the user takes one; `source` as the report will have it. */
export function classSuggestions({ source, onTake }) {
  const list = h("div", { class: "chips", role: "group", "aria-label": _("Suggested classes") });
  const why = h("small", {});
  const element = h("div", { class: "suggested", "aria-live": "polite", hidden: true }, h("span", { class: "lead" }, _("It sounds like")), list, why);
  let request = null;
  let found = [];
  let taken = null;

  const look = debounce(async (text) => {
    request?.abort();
    if (text.trim().length < FEWEST_LETTERS) return clear();
    request = new AbortController();
    try {
      const { suggestions, learnt } = await get("/api/classify", { text: text.trim(), source }, request);
      draw(suggestions, learnt);
    } catch (error) {
      if (error.name !== "AbortError") clear(); // only a help: without reception the class is chosen by hand
    }
  }, 250);

  function draw(suggestions, learnt) {
    found = suggestions;
    element.hidden = !found.length;
    fill(list, found.map(chip));
    why.textContent = found.some(({ basis }) => basis === "history") ? _("Learnt from {count} past cases", { count: learnt?.cases ?? 0 }) : _("From the words of the case standards");
  }
  function chip(one) {
    const exactly = one.condition && ((locale === "en" && one.condition.text_en) || one.condition.text);
    return h("button", { type: "button", class: "suggestion", "data-class": one.class_code, "aria-pressed": String(one.class_code === taken), title: exactly ?? "", on: { click: () => onTake(one) } },
      h("b", {}, named(one)), h("span", { class: "share" }, `${Math.round(one.confidence * 100)} %`), exactly && h("small", {}, exactly));
  }
  function mark(code) {
    taken = code;
    for (const button of list.children) button.setAttribute("aria-pressed", String(button.dataset.class === code));
  }
  function clear() {
    found = [];
    element.hidden = true;
    fill(list);
  }
  const shown = () => found.map(({ class_code, condition_id, confidence, basis }) => ({ class_code, condition_id, confidence, basis }));
  return { element, look, mark, shown, clear };
}
