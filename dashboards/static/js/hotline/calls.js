// Calls of the day: one's own, for the shift leader everybody's; callers masked, opened on purpose; who opened callers.
import { get, post } from "../api.js";
import { fill, h, icon, meta } from "../dom.js";
import { _ } from "../i18n.js";
import { tellProblem } from "../notify.js";
import { stateChip } from "../states.js";
import { shortText } from "../time.js";
import { KINDS } from "./caller.js";
import { SERVICES } from "./ending.js";

const oversees = meta("permissions").split(" ").includes("call.oversee");
const READINGS = { history: _("looked a number up"), caller: _("opened a caller"), call_back: _("called back") };

/** {element, load()}; onShow(id) opens a case. */
export function callsList({ onShow }) {
  const list = h("ol", { class: "plain calls" });
  const read = h("ol", { class: "plain readings" });
  const element = h("div", {}, list, oversees && h("section", {}, h("h3", {}, _("Who looked callers up")), read));

  async function load() {
    const calls = await get("/api/calls").catch(tellProblem);
    if (calls) fill(list, calls.map(row), !calls.length && h("li", { class: "hint" }, _("No calls in the last twelve hours.")));
    if (!oversees) return;
    const readings = await get("/api/caller-readings").catch(tellProblem);
    if (readings) fill(read, readings.slice(0, 50).map((one) => h("li", {}, h("time", {}, shortText(one.recorded_at)), ` ${one.reader} ${READINGS[one.what]}: ${one.purpose}`, one.confidential && h("span", { class: "chip", data: { status: "alarm" } }, _("confidential")))), !readings.length && h("li", { class: "hint" }, _("Nobody.")));
  }
  function row(call) {
    const who = h("span", {}, [call.name, call.number].filter(Boolean).join(" ") || _("number not given"));
    return h("li", { data: { call: call.id } },
      h("div", { class: "line" }, h("time", {}, shortText(call.begun_at)), h("strong", {}, KINDS[call.kind] ?? _("going on")), call.confidential && h("span", { class: "chip", data: { status: "alarm" } }, _("confidential")), oversees && h("small", {}, call.operator)),
      h("div", { class: "line" }, who, (call.number || call.name) && h("button", { type: "button", class: "link", on: { click: () => reveal(call, who) } }, _("Show the caller"))),
      call.words && h("p", {}, call.words), call.answers > 0 && h("p", {}, icon("circle-check"), _("answered from the knowledge base")), call.handed_to.map((service) => h("p", {}, icon("phone"), SERVICES[service])),
      call.cases.map((one) => h("div", { class: "line" }, h("button", { type: "button", class: "link", on: { click: () => onShow(one.id) } }, one.number), stateChip(one), h("span", { class: "what" }, one.class_name || one.title))));
  }
  async function reveal(call, place) {
    const purpose = prompt(_("What for? It is written down."));
    if (!purpose?.trim()) return;
    const who = await post(`/api/calls/${call.id}/caller`, { purpose }).catch(tellProblem);
    if (who) place.textContent = `${who.name} ${who.number}`.trim();
  }
  return { element, load };
}
