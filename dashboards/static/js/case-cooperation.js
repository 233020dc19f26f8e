// What happens around a case while units work on it: requests and their answers, assisting units, merged cases.
import { h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { fullText, shortText } from "./time.js";

const answerOf = ({ answered_at: at, granted }) => (!at ? _("waits for an answer") : granted === null ? _("lapsed") : granted ? _("granted") : _("denied"));

/** The requests of the unit, the newest first; an open one stands out, because somebody waits. */
export function requests({ requests: all = [] }) {
  if (!all.length) return null;
  return h("section", {}, h("h3", {}, _("Requests")), h("ul", { class: "plain" }, [...all].reverse().map(request)));
}

function request(one) {
  const asked = one.share ? _("{percent} % of the original limit", { percent: Math.round(one.share * 100) }) : one.until ? _("until {time}", { time: fullText(one.until) }) : "";
  return h("li", { class: one.answered_at ? "" : "waits" },
    h("div", { class: "line" }, h("strong", {}, one.kind_name), h("span", { class: "took" }, answerOf(one)), h("time", { title: fullText(one.asked_at) }, shortText(one.asked_at))),
    h("p", {}, [asked, one.reason].filter(Boolean).join(" · ")), one.answer && h("p", {}, icon("arrow-back-up"), one.answer));
}

export function assisting({ assisting: all = [] }) {
  if (!all.length) return null;
  return h("section", {}, h("h3", {}, _("Assisting units")), h("ul", { class: "plain" }, all.map((one) => h("li", {},
    h("div", { class: "line" }, h("strong", {}, one.unit), h("span", { class: "took" }, one.state_name), h("time", { title: fullText(one.sent_at) }, shortText(one.ended_at ?? one.accepted_at ?? one.sent_at))),
    one.task && h("p", {}, one.task), one.note && one.note !== one.task && h("p", {}, one.note)))));
}

/** Marks that everybody should see first: an emergency, a leader's pressing, a suspension and its end, how often it came back. */
export function marks(detail) {
  const found = [
    detail.priority === "emergency" && ["alert-triangle", _("Emergency")],
    detail.priority === "urgent" && !detail.emergency_claimed && ["alert-triangle", _("Urgent")],
    detail.emergency_claimed && ["alert-triangle", _("Reported as an emergency; intake has not decided yet.")],
    detail.pressed && ["alert-triangle", _("Pressed by a leader")],
    detail.resume_at && ["clock", _("Suspended until {time}", { time: fullText(detail.resume_at) })],
    detail.reopened_count > 0 && ["arrow-back-up", _("Reopened ({count})", { count: detail.reopened_count })],
    detail.merged?.length > 0 && ["stack-2", _("Merged in: {numbers}", { numbers: detail.merged.map(({ number }) => number).join(", ") })],
  ].filter(Boolean);
  return found.length > 0 && h("ul", { class: "marks" }, found.map(([sign, text]) => h("li", {}, icon(sign), text)));
}

/** The centres that had the case, and for how long. */
export function levels({ levels: all = [] }) {
  if (!all.length) return null;
  return h("section", {}, h("h3", {}, _("City and district")), h("ul", { class: "plain" }, all.map((one) => h("li", {},
    h("div", { class: "line" }, h("strong", {}, one.centre), one.late && h("span", { class: "took" }, _("a clock ran out here")),
      h("time", {}, [shortText(one.entered_at), one.left_at && shortText(one.left_at)].filter(Boolean).join(" – ")))))));
}
