// Messages are written in English and looked up in the catalogue of the page's language.
import { meta } from "./dom.js";

export const locale = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const catalogue = await load();

async function load() {
  if (!meta("catalogue")) return {};
  try {
    const answer = await fetch(meta("catalogue"));
    return answer.ok ? await answer.json() : {};
  } catch {
    return {}; // without reception English is better than an empty page
  }
}

/** Translate, then fill in {names}: _("{count} cases", {count: 3}). */
export function _(message, values = {}) {
  const text = catalogue[message] ?? message;
  return text.replace(/\{(\w+)\}/g, (hole, name) => values[name] ?? hole);
}

/** The name of something that has a Chinese name and perhaps an English one. */
export function named(thing) {
  return (locale === "en" && thing.name_en) || thing.name;
}
