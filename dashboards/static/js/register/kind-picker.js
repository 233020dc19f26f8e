// Choose a kind of asset by its Chinese or English name, pinyin, code or class; those used last come first.
import { combobox, fitting } from "../combobox.js";
import { h } from "../dom.js";
import { _, locale } from "../i18n.js";

const RECENT = "recent-kinds";
const GROUND = "ground"; // streets and waters come from files; they can be entered, but are not offered first

/** A combobox over register.kinds; onChoose(kind or null). */
export function kindPicker(register, onChoose) {
  return combobox({
    name: "kind", label: _("Kind of asset"), required: true, placeholder: _("name, code or pinyin"), nameOf: ({ title }) => title,
    onChoose: (kind) => {
      if (kind) remember(kind.code);
      onChoose(kind);
    },
    find: (text) => (text.trim() ? fitting(register.kinds, text, wordsOf, ({ subsystem }) => register.subsystems[subsystem]) : usual(register.kinds)),
    draw: (one) => [h("span", {}, one.title), h("small", {}, one.class_code ?? ""), h("small", { class: "major" }, register.subsystems[one.subsystem])],
  });
}

const wordsOf = ({ title, code, class_code, pinyin, initials, schema }) => [title, locale === "zh" ? schema.title : schema["x-title-zh"], code, class_code, pinyin, initials];

/** Kinds used last, then what stands in streets, the ground at the end. */
function usual(kinds) {
  const recent = recalled();
  const rank = ({ code, subsystem }) => (recent.includes(code) ? recent.indexOf(code) : subsystem === GROUND ? 99 : 50);
  return [...kinds].sort((a, b) => rank(a) - rank(b));
}

function recalled() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) ?? "[]");
  } catch {
    return [];
  }
}
const remember = (code) => localStorage.setItem(RECENT, JSON.stringify([code, ...recalled().filter((one) => one !== code)].slice(0, 6)));
