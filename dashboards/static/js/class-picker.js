// Choose what it is about: type Chinese, English, a code or pinyin; the last choices come first.
import { get } from "./api.js";
import { combobox, fitting } from "./combobox.js";
import { h } from "./dom.js";
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

/** A combobox: {element, code(), chosen(), set(code), clear(), input}. onChoose(class or null). */
export function classPicker({ label, chosen = null, required = false, onChoose = () => {} }) {
  let classes = [];
  let code = chosen;
  const box = combobox({
    name: "class", label, required, placeholder: _("name, code or pinyin"), nameOf: named, find: (text) => classes.length && search(classes, text),
    draw: (one) => [h("span", {}, named(one)), h("small", {}, one.code), h("small", { class: "major" }, (document.documentElement.lang === "en" && one.major_name_en) || one.major_name)],
    onChoose: (one) => {
      code = one?.code ?? null;
      if (one && !quiet) remember(one.code);
      if (!quiet) onChoose(one);
    },
  });
  let quiet = false;
  allClasses().then((all) => {
    classes = all;
    quiet = true; // what stands there already was chosen by nobody here
    if (code) box.set(find(code));
    quiet = false;
    if (!code && document.activeElement === box.input) box.input.dispatchEvent(new Event("input")); // who was faster than the list gets it now
  }, () => (box.input.placeholder = _("The list of classes could not be loaded.")));
  const find = (wanted) => classes.find((one) => one.code === wanted);

  return { element: box.element, input: box.input, code: () => code, chosen: () => find(code) ?? null, set: (wanted) => box.set(find(wanted)), clear: () => box.set(null) };
}

/** Classes that fit every word of `text`, the recently used first when nothing is typed. */
export function search(classes, text) {
  if (!text.trim()) {
    const recent = recalled();
    return [...classes].sort((a, b) => rank(recent, a.code) - rank(recent, b.code));
  }
  return fitting(classes, text, (one) => [one.name, one.name_en, one.code, one.pinyin, one.initials], (one) => one.major_name);
}

const rank = (recent, code) => (recent.includes(code) ? recent.indexOf(code) : 99);
const recalled = () => JSON.parse(localStorage.getItem("recent-classes") ?? "[]");
const remember = (code) => localStorage.setItem("recent-classes", JSON.stringify([code, ...recalled().filter((one) => one !== code)].slice(0, 8)));
