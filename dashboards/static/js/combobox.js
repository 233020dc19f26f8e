// A text field that searches a list as one types: chosen with the arrow keys, a finger or the mouse.
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";

const MOST = 60;
let serial = 0;

/**
 * {element, input, item(), set(item), complain(words)}. `find(text)` gives the items that fit, the best first, or null while there is no list; `draw(item)` the children
 * of its line, `nameOf(item)` what stands in the field once it is chosen; onChoose(item or null).
 */
export function combobox({ name, label, required = false, placeholder = "", find, draw, nameOf, onChoose = () => {} }) {
  const id = `${name}-${(serial += 1)}`;
  let item = null;
  let shown = [];
  let active = -1;
  const input = h("input", { type: "text", id, name, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${id}-list`, "aria-describedby": `${id}-wrong`, placeholder });
  if (required) input.setAttribute("aria-required", "true");
  const list = h("div", { id: `${id}-list`, role: "listbox", class: "choices", hidden: true, "aria-label": label });
  const wrong = h("small", { class: "wrong", id: `${id}-wrong`, role: "alert" });
  const element = h("div", { class: "field picker" }, h("label", { for: id }, label, required && h("em", {}, _("required"))), input, list, wrong);
  const written = () => (item ? nameOf(item) : "");

  function open() {
    const found = find(item && input.value === written() ? "" : input.value);
    if (!found) return;
    shown = found.slice(0, MOST);
    active = -1;
    fill(list, shown.length ? shown.map(option) : h("p", { class: "empty" }, _("Nothing found; try fewer letters or the code.")));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }
  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = written();
  }
  function option(one, index) {
    return h("div", { role: "option", id: `${id}-${index}`, "aria-selected": "false", on: { pointerdown: (event) => (event.preventDefault(), choose(one)) } }, draw(one));
  }
  function choose(one) {
    item = one ?? null;
    complain("");
    close();
    onChoose(item);
  }
  function complain(words) {
    wrong.textContent = words;
    input.setAttribute("aria-invalid", String(Boolean(words)));
  }
  function highlight(step) {
    if (list.hidden) open();
    active = Math.min(shown.length - 1, Math.max(0, active + step));
    [...list.children].forEach((child, index) => child.setAttribute("aria-selected", String(index === active)));
    list.children[active]?.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", `${id}-${active}`);
  }

  input.addEventListener("input", open);
  input.addEventListener("focus", () => input.select());
  input.addEventListener("click", open);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") highlight(1);
    else if (event.key === "ArrowUp") highlight(-1);
    else if (event.key === "Enter" && !list.hidden && shown.length) choose(shown[Math.max(0, active)]);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return { element, input, complain, item: () => item, set: choose, show: () => (input.value = written()) };
}

/**
 * Items whose words hold every word of `text`, those that begin so first. `wordsOf(item)` lists names, codes, pinyin; `moreOf(item)`
 * what is found, too, but does not bring an item to the top.
 */
export function fitting(items, text, wordsOf, moreOf = () => "") {
  const typed = text.trim().toLowerCase();
  const parts = typed.split(/\s+/).filter(Boolean);
  const words = new Map(items.map((one) => [one, wordsOf(one).filter(Boolean).map((word) => word.toLowerCase())]));
  const closeness = (one) => (words.get(one).includes(typed) ? 0 : words.get(one).some((word) => word.startsWith(parts[0])) ? 1 : 2);
  return items.filter((one) => parts.every((part) => `${words.get(one).join(" ")} ${moreOf(one)}`.includes(part))).sort((a, b) => closeness(a) - closeness(b) || words.get(a)[0].length - words.get(b)[0].length);
}
