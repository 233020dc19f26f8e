// Who called about a case, opened on purpose and written down; tickets of another hotline with their limits, and answering them.
import { post } from "./api.js";
import { h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { fullText, now, shortText } from "./time.js";

export function callers({ calls = [], number }) {
  if (!calls.length) return null;
  return h("section", {}, h("h3", {}, _("Callers ({count})", { count: calls.length })), h("ul", { class: "plain" }, calls.map((call) => {
    const place = h("span", { class: "whom" });
    const open = () => post(`/api/calls/${call.call_id}/caller`, { purpose: _("Case {number}", { number }) }).then((who) => (place.textContent = `${who.name} ${who.number}`.trim()), tellProblem);
    return h("li", {}, icon("phone"), h("time", { title: fullText(call.begun_at) }, shortText(call.begun_at)), " ", place, " ",
      call.confidential && h("span", { class: "chip", data: { status: "alarm" } }, _("confidential")), call.may_reveal && h("button", { type: "button", class: "link", on: { click: open } }, _("Show the caller")));
  })));
}

/** Tickets behind a case: their deadline stands beside ours, whichever is earlier. */
export function tickets({ tickets: all = [], due_at: ours }) {
  if (!all.length) return null;
  return h("section", {}, h("h3", {}, _("Tickets of other hotlines")), h("ul", { class: "plain" }, all.map((ticket) => h("li", { data: { ticket: ticket.number } },
    h("div", { class: "line" }, h("strong", {}, ticket.number), h("span", {}, ticket.partner)),
    ticket.limit_at && h("p", { class: Date.parse(ticket.limit_at) < now() ? "error" : "" }, icon("clock"), _("Their limit: {theirs}. Ours: {ours}.", { theirs: shortText(ticket.limit_at), ours: ours ? shortText(ours) : "–" })),
    mayAnswer() && reply(ticket)))));
}

const mayAnswer = () => meta("permissions").split(" ").includes("call.see");

function reply(ticket) {
  const words = h("textarea", { rows: 2, maxlength: 4000, "aria-label": _("Answer to the citizen"), placeholder: _("Answer to the citizen") });
  const send = async (event) => {
    event.preventDefault();
    const sent = await post(`/api/tickets/${ticket.id}/replies`, { text: words.value.trim() }).catch(tellProblem);
    if (!sent) return;
    words.value = "";
    tell(_("Answer sent to {partner}.", { partner: ticket.partner }));
  };
  return h("form", { on: { submit: send } }, words, h("button", { class: "button small", type: "submit" }, _("Send the answer")));
}
