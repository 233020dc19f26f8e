// Four numbers at the top: open, due soon, overdue, reported today. Each one filters the list.
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { _ } from "./i18n.js";

const COUNTERS = [
  { name: "open", label: _("open"), filter: { state: "" } },
  { name: "warn", label: _("due soon"), mark: "warn", filter: { state: "" } },
  { name: "overdue", label: _("overdue"), mark: "overdue", filter: { state: "", overdue: true } },
  { name: "today", label: _("in 24 h"), filter: { state: "", order: "newest" } },
];

/** Fill `element`; reload() reads the numbers again, at most once a second. */
export function startCounters(element, { onChoose }) {
  const numbers = {};
  fill(element, COUNTERS.map(({ name, label, mark, filter }) => {
    numbers[name] = h("strong", {}, "–");
    return h("button", { type: "button", class: "counter", data: { counter: name }, on: { click: () => onChoose(filter) } },
      mark && h("span", { class: "mark", data: { timing: mark } }), numbers[name], h("span", {}, label));
  }));
  const read = async () => {
    const counts = await get("/api/counters").catch(() => null);
    if (counts) for (const { name } of COUNTERS) numbers[name].textContent = counts[name];
  };
  read();
  return { reload: debounce(read, 1000) };
}
