// The list of cases beside the map: filtered, sorted by urgency or age, kept up to date by live events.
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";
import { hasEnded, stateChip, timingLabel, timingMark } from "./states.js";
import { now, shortText, timingOf } from "./time.js";
import { comesFirst, urgencyMark } from "./urgency.js";

const PAGE = 100;
const URGENCY = { overdue: 0, warn: 1, ok: 2, stopped: 3 };

/**
 * A list in `element` (a listbox). filters() gives {open, state, unit_id, q, overdue, …} as /api/cases takes it; onChoose(id) is called for a choice.
 * load() reads the first page, merge(item) takes a live event, step(±1) moves the choice.
 */
export class CasesList {
  constructor(element, { filters, order, onChoose, onCount }) {
    Object.assign(this, { element, filters, order, onChoose, onCount, items: new Map(), shown: [], changed: new Set(), frame: null, total: 0, next: null, chosen: null, request: null });
    element.addEventListener("click", (event) => {
      const row = event.target.closest("[data-case]");
      if (row) onChoose(Number(row.dataset.case));
    });
  }

  async load({ more = false } = {}) {
    this.request?.abort();
    this.request = new AbortController();
    this.element.setAttribute("aria-busy", "true");
    try {
      const order = this.order() === "urgent" && this.filters().open ? "urgent" : null; // the most urgent of all, not of the newest
      const page = await get("/api/cases", { ...this.filters(), order, limit: PAGE, before: more ? this.next : null }, this.request);
      if (!more) this.items.clear();
      for (const item of page.items) this.items.set(item.id, item);
      this.total = page.total;
      this.next = page.next;
      this.draw();
    } catch (error) {
      if (error.name !== "AbortError") tellProblem(error);
    } finally {
      this.element.removeAttribute("aria-busy");
    }
  }

  /** A case changed: show it where it belongs, or drop it when it no longer fits the filters. */
  merge(item) {
    const known = this.items.has(item.id);
    if (this.fits(item)) {
      this.items.set(item.id, { ...this.items.get(item.id), ...item });
      if (!known) this.total += 1;
    } else if (known) {
      this.items.delete(item.id);
      this.total -= 1;
    } else {
      return;
    }
    this.changed.add(item.id);
    this.drawSoon();
  }

  /** A burst of events is drawn once. */
  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  fits(item) {
    const { open, from, state, unit_id: unit, q, overdue, source, class_code: code, due_within: within } = this.filters();
    if (from && !this.items.has(item.id)) return false; // a period of the past is not joined by what happens now
    if (open && hasEnded(item)) return false;
    if ((state && item.state !== state) || (source && item.source !== source) || (code && item.class_code !== code)) return false;
    if (unit && String(item.unit?.id ?? "") !== String(unit)) return false;
    const left = Date.parse(item.stage_due_at ?? "") - now();
    if (within && !(left > 0 && left <= within * 3_600_000)) return false;
    if (overdue && timingOf(item) !== "overdue") return false;
    return !q || [item.number, item.title, item.class_name, item.address].some((text) => (text ?? "").toLowerCase().includes(q.toLowerCase()));
  }

  sorted() {
    const items = [...this.items.values()];
    if (this.order() === "newest") return items.sort((a, b) => b.id - a.id);
    const due = (item) => Date.parse(item.stage_due_at || item.due_at || "") || Infinity;
    return items.sort((a, b) => comesFirst(b) - comesFirst(a) || URGENCY[timingOf(a)] - URGENCY[timingOf(b)] || due(a) - due(b) || b.id - a.id);
  }

  draw() {
    this.shown = this.sorted();
    const more = this.next && h("button", { type: "button", class: "more", on: { click: () => this.load({ more: true }) } }, _("Show more"));
    fill(this.element, this.shown.map((item) => this.row(item, this.changed.has(item.id))), more, !this.shown.length && this.empty());
    this.changed.clear();
    this.onCount?.(this.shown.length, this.total);
  }

  row(item, isNew) {
    const place = item.community || item.subdistrict || item.address || "";
    return h("div", {
      class: isNew ? "row changed" : "row", role: "option", id: `case-${item.id}`, tabindex: "-1",
      "aria-selected": String(item.id === this.chosen), title: `${item.number} · ${shortText(item.occurred_at)}`, data: { case: item.id, timing: timingOf(item) },
    },
      timingMark(item),
      h("span", { class: "what" }, item.class_code ? item.class_name || item.title : item.title || item.class_name),
      hasEnded(item) || this.order() === "newest" ? h("time", { datetime: item.occurred_at }, shortText(item.occurred_at)) : timingLabel(item),
      h("span", { class: "where" }, urgencyMark(item), stateChip(item), place && h("span", { class: "place" }, place)),
      item.unit ? h("span", { class: "unit" }, item.unit.name) : h("span"));
  }

  empty() {
    const filtered = Object.entries(this.filters()).some(([name, value]) => value && name !== "open");
    return h("div", { class: "empty" },
      h("p", {}, filtered ? _("No case fits these filters.") : _("No open cases.")),
      h("p", { class: "next" }, filtered ? _("Clear a filter to see more.") : _("New reports appear here by themselves.")));
  }

  /** Mark the choice and bring it into view. */
  choose(id) {
    this.chosen = id;
    for (const row of this.element.querySelectorAll(".row")) row.setAttribute("aria-selected", String(Number(row.dataset.case) === id));
    const row = this.element.querySelector(`#case-${id}`);
    row?.scrollIntoView({ block: "nearest" });
    this.element.setAttribute("aria-activedescendant", row ? row.id : "");
  }

  /** The id `step` rows below (or above) the choice. */
  neighbour(step) {
    const ids = this.shown.map((item) => item.id);
    if (!ids.length) return null;
    const index = ids.indexOf(this.chosen);
    return ids[index < 0 ? 0 : Math.min(ids.length - 1, Math.max(0, index + step))];
  }
}

