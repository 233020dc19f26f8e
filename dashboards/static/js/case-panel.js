// One case in full: what, where, how long, who and why; its photos and history; and what may be done now.
import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { _, named } from "./i18n.js";
import { assisting, levels, marks, requests } from "./case-cooperation.js";
import { callers, tickets } from "./case-callers.js";
import { costs } from "./case-costs.js";
import { packages } from "./case-packages.js";
import { publication } from "./case-publication.js";
import { moveForms } from "./moves.js";
import { tellProblem } from "./notify.js";
import { hasEnded, postName, sourceName, stateChip, timingLabel, timingMark } from "./states.js";
import { fullText, now, shortText, spanText } from "./time.js";
import { evidenceStrip } from "./photos.js";
import { URGENCIES } from "./urgency.js";

/**
 * A panel in `element`. show(id) loads a case; onChange(case) is called after a move; onClose after Escape or ×.
 * refresh(item) takes a live event: the panel reloads unless the user is in the middle of filling in a form.
 */
export class CasePanel {
  constructor(element, { onChange, onClose, onShow, showPlace = null }) {
    Object.assign(this, { element, onChange, onClose, onShow, showPlace, detail: null, forms: null });
  }

  async show(id) {
    this.wanted = id;
    this.element.hidden = false;
    try {
      const detail = await get(`/api/cases/${id}`);
      if (this.wanted === id) this.draw(detail);
    } catch (error) {
      tellProblem(error);
    }
  }

  close() {
    this.wanted = this.detail = null;
    this.element.hidden = true;
    fill(this.element);
    this.onClose?.();
  }

  refresh(item) {
    if (item.id !== this.detail?.id || item.version <= this.detail.version) return;
    if (this.forms?.isDirty()) {
      this.forms.warn(_("Somebody else has changed this case meanwhile. Reload it before you go on."), () => this.show(item.id));
    } else {
      this.show(item.id);
    }
  }

  draw(detail) {
    const scrolled = this.detail?.id === detail.id ? this.element.querySelector(".scroll")?.scrollTop : 0;
    this.detail = detail;
    this.forms = moveForms(detail, {
      onDone: (changed) => {
        this.draw(changed);
        this.onChange?.(changed);
      },
      onStale: () => this.show(detail.id),
    });
    fill(this.element, heading(detail, () => this.close(), this.showPlace),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": _("Case details") },
        marks(detail), deadline(detail), tickets(detail), requests(detail), assisting(detail), levels(detail), summary(detail), photos(detail), costs(detail), packages(detail), publication(detail), reason(detail), callers(detail), reports(detail), history(detail)),
      this.forms.element);
    this.element.querySelector(".scroll").scrollTop = scrolled ?? 0;
    this.onShow?.(detail);
  }
}

function heading(detail, close, showPlace) {
  return h("header", {},
    h("div", { class: "line" }, timingMark(detail), h("span", { class: "number" }, detail.number), stateChip(detail),
      showPlace && detail.lon !== null && h("button", { type: "button", class: "quiet", "aria-label": _("Show on the map"), on: { click: () => showPlace(detail) } }, icon("focus-2")),
      h("button", { type: "button", class: "quiet", "aria-label": _("Close panel"), on: { click: close } }, icon("x"))),
    h("h2", {}, nameOf(detail)));
}

/** What a case is called: its class in the reader's words; of an alarm the rule, and without a class what was reported. */
function nameOf(detail) {
  return detail.class_code && detail.source !== "sensor" ? detail.class_name : detail.title || detail.class_name;
}

function deadline(detail) {
  const clock = (detail.clocks ?? []).findLast?.((one) => !one.stopped_at) ?? null;
  const due = detail.stage_due_at || detail.due_at;
  if (!due || hasEnded(detail)) return null;
  const started = clock?.started_at;
  const share = started ? Math.min(1, (now() - Date.parse(started)) / Math.max(1, Date.parse(due) - Date.parse(started))) : 0;
  const bar = h("progress", { max: 1, value: Math.max(0, share), "aria-label": _("Time used"), data: { timing: detail.timing } });
  return h("section", { class: "deadline" },
    h("div", { class: "line" }, icon("clock"), timingLabel(detail), h("span", { class: "due", title: fullText(due) }, _("due {time}", { time: shortText(due) })), provisionalMark(clock?.provisional || detail.provisional)),
    bar, clock?.limit_text && h("small", {}, `${clock.stage_name} · ${clock.limit_text}`));
}

/** Shown beside a deadline that may move: it lies in a year whose holidays nobody has announced. */
function provisionalMark(provisional) {
  return provisional ? h("span", { class: "chip provisional", title: _("It reaches into a year whose holidays are not announced yet; weekdays are counted as workdays there.") }, _("provisional")) : null;
}

function summary(detail) {
  const place = [detail.subdistrict, detail.community, detail.grid_code].filter(Boolean);
  const rows = [
    [_("What"), nameOf(detail) !== detail.class_name && detail.class_name],
    [_("Description"), detail.description],
    [_("Where"), [detail.address, place.join(" › ")].filter(Boolean).map((text) => h("div", {}, text))],
    [_("Asset"), detail.asset && `${detail.asset.name || ""} ${detail.asset.code || ""}`.trim()],
    [_("To be handled by"), detail.due_at && detail.due_at !== detail.stage_due_at && [fullText(detail.due_at), " ", provisionalMark(detail.due_provisional)]],
    [_("Happened"), fullText(detail.occurred_at)],
    [_("Reported"), detail.recorded_at !== detail.occurred_at && fullText(detail.recorded_at)],
    [_("Unit"), detail.unit?.name],
    [_("Handler"), detail.handler],
  ];
  return h("section", {}, h("dl", {}, rows.filter(([, value]) => value && value.length !== 0).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function reason({ decision }) {
  if (!decision) return null;
  const considered = Array.isArray(decision.considered) ? decision.considered : [];
  return h("section", {}, h("h3", {}, _("Why this unit")),
    h("p", { class: "reason" }, icon("route"), h("span", {}, decision.reason)),
    considered.length > 0 && h("details", {}, h("summary", {}, _("What else was considered")),
      h("ul", {}, considered.map((rule) => h("li", {}, `${named(rule)}: ${rule.why}`)))));
}

function photos({ evidence = [] }) {
  return evidence.length > 0 && h("section", {}, h("h3", {}, evidence.every(({ mime }) => mime.startsWith("image/")) ? _("Photos") : _("Photos and recordings")), evidenceStrip(evidence));
}

function reports({ reports: all = [] }) {
  if (all.length < 2) return null;
  return h("section", {}, h("h3", {}, _("Reports ({count})", { count: all.length })),
    h("ul", { class: "plain" }, all.map((one) => h("li", {}, h("time", {}, shortText(one.occurred_at)), " ", sourceName(one.source), one.description && `: ${one.description}`, one.urgency !== "normal" && h("small", {}, ` · ${URGENCIES[one.urgency]}`), one.merged_case && h("small", {}, ` · ${_("from case {number}", { number: one.merged_case })}`)))));
}

function history({ history: steps = [] }) {
  return h("section", {}, h("h3", {}, _("History")), h("ol", { class: "history" }, [...steps].reverse().map(step)));
}

function step(entry, index, all) {
  const before = all[index + 1];
  const took = before && Date.parse(entry.occurred_at) - Date.parse(before.occurred_at);
  return h("li", {},
    h("div", { class: "line" }, h("strong", {}, entry.move_name || entry.move), h("time", { title: fullText(entry.occurred_at) }, shortText(entry.occurred_at))),
    h("div", { class: "who" }, [entry.actor, postName(entry.post)].filter(Boolean).join(" · "),
      took > 60_000 && h("span", { class: "took" }, _("after {span}", { span: spanText(took) })),
      entry.distance_m !== null && entry.distance_m !== undefined && h("span", { class: "took" }, _("{metres} m from the case", { metres: Math.round(entry.distance_m) })),
      entry.imported && h("span", { class: "took" }, _("imported"))),
    entry.note && h("p", {}, entry.note));
}
