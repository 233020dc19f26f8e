// Choose what it is about: type Chinese, English, a code or pinyin; the last choices come first.
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { _, named } from "./i18n.js";

let standards = null;

/** All classes, read once per page: [{code, kind, major_name, name, name_en, pinyin?, conditions}]. */
export function allClasses() {
  standards ??= get("/api/standards").then(({ classes }) => classes, (error) => {
    standards = null;
    throw error;
  });
  return standards;
}

let serial = 0;

/** A combobox: {element, code(), set(code), clear(), input}. onChoose(class or null). */
export function classPicker({ label, chosen = null, required = false, onChoose = () => {} }) {
  const id = `class-${(serial += 1)}`;
  let classes = [];
  let code = chosen;
  let shown = [];
  let active = -1;
  const input = h("input", { type: "text", id, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-expanded": "false", "aria-autocomplete": "list",
    "aria-controls": `${id}-list`, placeholder: _("name, code or pinyin") });
  if (required) input.setAttribute("aria-required", "true");
  const list = h("div", { id: `${id}-list`, role: "listbox", class: "choices", hidden: true, "aria-label": label });
  const element = h("div", { class: "field picker" }, h("label", { for: id }, label, required && h("em", {}, _("required"))), input, list);

  allClasses().then((all) => {
    classes = all;
    if (code) input.value = nameOf(code);
  }, () => (input.placeholder = _("The list of classes could not be loaded.")));
  const nameOf = (wanted) => {
    const found = classes.find((one) => one.code === wanted);
    return found ? named(found) : "";
  };

  function open() {
    shown = search(classes, code && input.value === nameOf(code) ? "" : input.value).slice(0, 60);
    active = -1;
    if (!classes.length) return;
    fill(list, shown.length ? shown.map(option) : h("p", { class: "empty" }, _("Nothing found; try fewer letters or the code.")));
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }
  function close() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    input.value = nameOf(code);
  }
  function option(one, index) {
    return h("div", { role: "option", id: `${id}-${index}`, "aria-selected": "false", on: { pointerdown: (event) => (event.preventDefault(), choose(one)) } },
      h("span", {}, named(one)), h("small", {}, one.code), h("small", { class: "major" }, (document.documentElement.lang === "en" && one.major_name_en) || one.major_name));
  }
  function choose(one) {
    code = one?.code ?? null;
    if (one) remember(one.code);
    close();
    onChoose(one);
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

  return {
    element, input,
    code: () => code,
    chosen: () => classes.find((one) => one.code === code) ?? null,
    set: (wanted) => choose(classes.find((one) => one.code === wanted)),
    clear: () => choose(null),
  };
}

/** Classes that fit every word of `text`, the recently used first when nothing is typed. */
export function search(classes, text) {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) {
    const recent = recalled();
    return [...classes].sort((a, b) => rank(recent, a.code) - rank(recent, b.code));
  }
  const haystack = (one) => [one.code, one.name, one.name_en, one.major_name, one.pinyin, one.initials].filter(Boolean).join(" ").toLowerCase();
  const closeness = (one) => {
    const names = [one.name, one.name_en, one.code, one.pinyin, one.initials].filter(Boolean).map((name) => name.toLowerCase());
    return names.includes(text.trim().toLowerCase()) ? 0 : names.some((name) => name.startsWith(words[0])) ? 1 : 2;
  };
  return classes.filter((one) => words.every((word) => haystack(one).includes(word))).sort((a, b) => closeness(a) - closeness(b) || a.name.length - b.name.length);
}

const rank = (recent, code) => (recent.includes(code) ? recent.indexOf(code) : 99);
const recalled = () => JSON.parse(localStorage.getItem("recent-classes") ?? "[]");
const remember = (code) => localStorage.setItem("recent-classes", JSON.stringify([code, ...recalled().filter((one) => one !== code)].slice(0, 8)));
