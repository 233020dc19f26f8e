// Other hotlines that tickets are exchanged with: how each exchange stands, and tickets that could not be used.
import { get, post } from "./api.js";
import { fill, h, icon, meta, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";
import { fullText } from "./time.js";

const may = (permission) => meta("permissions").split(" ").includes(permission);
const STANDING = { ok: _("works"), idle: _("nothing exchanged yet"), outage: _("outage") };
const MARK = { ok: "ok", idle: "late", outage: "failing" };

async function load() {
  try {
    const partners = await get("/api/exchange/partners");
    fill(one("#partners tbody"), partners.map(partner));
    one("#partners").hidden = !partners.length;
    one("#empty").hidden = partners.length > 0;
    if (may("call.oversee")) await loadRefused();
  } catch (problem) {
    tellProblem(problem);
  }
}

function partner(one) {
  const waits = one.open_messages ? _("{count}, the oldest since {time}", { count: one.open_messages, time: fullText(one.waiting_since) }) : "–";
  const away = may("account.manage") && h("button", { type: "button", class: "button small", on: { click: () => end(one) } }, icon("x"), _("End it"));
  const cells = [h("strong", {}, one.name), one.code, h("span", { class: "chip", data: { standing: MARK[one.standing] } }, STANDING[one.standing]), one.push_url || _("it asks for them"),
    String(one.tickets), timeOf(one.last_in), timeOf(one.last_out), waits, String(one.refused), away || ""];
  return h("tr", { data: { partner: one.code } }, cells.map((cell) => h("td", {}, cell)));
}

const timeOf = (moment) => (moment ? fullText(moment) : "–");

async function loadRefused() {
  const all = await get("/api/exchange/refusals");
  fill(one("#refused tbody"), all.map((ticket) => h("tr", { data: { refused: ticket.number } }, [ticket.partner_name, ticket.number, h("div", {}, ticket.problem.detail, h("div", { class: "hint" }, ticket.problem.next_step)), String(ticket.attempts), fullText(ticket.recorded_at),
    h("button", { type: "button", class: "button small", on: { click: () => replay(ticket) } }, icon("refresh"), _("Take it again"))].map((cell) => h("td", {}, cell)))));
  one("#refused").hidden = !all.length;
  one("#none-refused").hidden = all.length > 0;
}

async function replay(ticket) {
  try {
    const taken = await post(`/api/exchange/refusals/${ticket.id}/replay`, {});
    tell(_("Ticket {ticket} has become case {number}.", { ticket: ticket.number, number: taken.case }));
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

async function end({ id, name }) {
  if (!confirm(_("End the exchange with {name}? Its key is refused from now on; its tickets stay.", { name }))) return;
  try {
    await post(`/api/exchange/partners/${id}`, {}, { method: "DELETE" });
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

async function make(form) {
  const { name, code, push_url } = form.elements;
  try {
    const made = await post("/api/exchange/partners", { name: name.value.trim(), code: code.value.trim(), push_url: push_url.value.trim() });
    one("#made").hidden = false;
    one("#made code").textContent = `api_key ${made.api_key} · signing_secret ${made.signing_secret}`;
    form.reset();
    await load();
  } catch (problem) {
    tellProblem(problem);
  }
}

const heads = (selector, names) => fill(one(`${selector} thead tr`), names.map((text) => h("th", { scope: "col" }, text)));
heads("#partners", [_("Partner"), _("Code"), _("State"), _("Messages go to"), _("Tickets"), _("Last ticket"), _("Last message arrived"), _("Messages that wait"), _("Refused tickets"), ""]);
if (one("#refused")) heads("#refused", [_("Partner"), _("Ticket"), _("Why it was refused"), _("Sent how often"), _("When"), ""]);
startShell();
one("#new")?.addEventListener("submit", (event) => (event.preventDefault(), make(event.target)));
await load();
