// Channels: set up, tried with a test message, given another address or secret, ended.
import { post, put } from "../api.js";
import { all, fill, h, icon, one } from "../dom.js";
import { _ } from "../i18n.js";
import { tell, tellProblem } from "../notify.js";
import { shortText } from "../time.js";
import { saveWith } from "../working-time/dialogs.js";

const HEADS = [_("Channel"), _("Address of the channel"), _("What goes there"), _("Sent, 24 h"), _("Waiting"), _("Dead"), _("How it stands"), ""];
const EXAMPLES = {
  mail: "mailtos://USER:PASSWORD@smtp.example.org?from=city@example.org&to={to}",
  sms: "jsons://gateway.example.org/send?:mobile={to}&:apikey=KEY",
  wecom: "wecombot://KEY", dingtalk: "dingtalk://SECRET@TOKEN", feishu: "feishu://TOKEN", webhook: "https://example.org/notices",
};
const BASE = "/api/notice-settings/channels";

/** Starts the view; draw(known) shows what the server said. */
export function startChannels(reload) {
  let known = null;

  function draw(told) {
    known = told;
    one("#add-channel").disabled = false;
    fill(one("#channels thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
    fill(one("#channels tbody"), known.channels.map(row));
    one("#channels").hidden = !known.channels.length;
    one("#no-channels").hidden = known.channels.length > 0;
  }

  function row(channel) {
    const audience = channel.unit_id ? known.units[channel.unit_id] : channel.post ? known.posts[channel.post] : known.own.includes(channel.kind) ? _("each person") : _("all notices");
    const kinds = channel.kinds.map((kind) => known.kinds[kind]).join(", ");
    const stands = channel.failures ? h("span", { class: "chip", data: { status: "alarm" } }, _("fails ({count})", { count: channel.failures })) : h("span", { class: "chip", data: { status: "ok" } }, channel.last_sent_at ? _("sent {time}", { time: shortText(channel.last_sent_at) }) : _("not used yet"));
    const button = (name, symbol, action) => h("button", { type: "button", class: "button small", on: { click: action } }, icon(symbol), name);
    return h("tr", { data: { channel: channel.id } },
      h("th", { scope: "row" }, channel.name, h("small", {}, known.channel_names[channel.kind])),
      h("td", { class: "mono" }, channel.shown),
      h("td", {}, audience, kinds && h("small", {}, kinds)),
      ...[channel.sent_today, channel.waiting, channel.dead].map((count) => h("td", { class: "number" }, count.toLocaleString())),
      h("td", { class: "why" }, stands, channel.last_error && h("small", {}, channel.last_error)),
      h("td", {}, h("div", { class: "buttons" }, button(_("Test"), "send", () => test(channel)), button(_("Change"), "tool", () => address(channel)),
        channel.kind === "webhook" && button(_("New secret"), "refresh", () => rotate(channel)), button(_("End"), "x", () => end(channel)))));
  }

  async function sendTest(channel, to) {
    await post(`${BASE}/${channel.id}/test`, { to });
    tell(_("The test message has gone out by {channel}.", { channel: channel.name }));
  }

  function test(channel) {
    if (!known.own.includes(channel.kind)) return sendTest(channel, "").catch(tellProblem);
    return ask(_("Test {channel}", { channel: channel.name }), _("Address or number it goes to"), (to) => sendTest(channel, to));
  }

  const address = (channel) => ask(_("New address of {channel}", { channel: channel.name }), EXAMPLES[channel.kind], (value) => put(`${BASE}/${channel.id}/address`, { address: value }));

  function ask(title, label, send) {
    const dialog = one("#address-dialog");
    one("form", dialog).reset();
    one("#address-title").textContent = title;
    one("#a-label").textContent = label;
    saveWith(dialog, () => send(one("#a-value").value.trim()), reload);
  }

  function showSecret(secret) {
    one("#secret").hidden = !secret;
    one("#secret code").textContent = secret ?? "";
  }

  async function rotate(channel) {
    if (!confirm(_("A new secret for {channel}? Messages are signed with both until the next one.", { channel: channel.name }))) return;
    try {
      showSecret((await post(`${BASE}/${channel.id}/secret`, {})).signing_secret);
    } catch (problem) {
      tellProblem(problem);
    }
  }

  async function end(channel) {
    if (!confirm(_("End {channel}? {count} waiting messages are dropped.", { channel: channel.name, count: channel.waiting }))) return;
    try {
      await post(`${BASE}/${channel.id}`, {}, { method: "DELETE" });
      await reload();
    } catch (problem) {
      tellProblem(problem);
    }
  }

  const form = one("#channel-dialog form");

  /** Mail and SMS are for each person; the others for a unit, a post, or all. */
  function follow() {
    const kind = form.elements.kind.value;
    const own = known.own.includes(kind);
    one("#c-example").textContent = _("For example: {address}", { address: EXAMPLES[kind] });
    form.elements.audience.disabled = own;
    one("#c-kinds").hidden = own;
    if (own) form.elements.audience.value = "";
  }

  function add() {
    form.reset();
    fill(form.elements.kind, Object.entries(known.channel_names).map(([kind, name]) => h("option", { value: kind }, name)));
    fill(form.elements.audience, h("option", { value: "" }, _("all notices")),
      h("optgroup", { label: _("Notices to a post") }, Object.entries(known.posts).map(([code, name]) => h("option", { value: `post:${code}` }, name))),
      h("optgroup", { label: _("Notices to a unit") }, Object.entries(known.units).map(([id, name]) => h("option", { value: `unit:${id}` }, name))));
    fill(one("#c-kinds .ticks"), Object.entries(known.kinds).map(([kind, name]) => h("label", {}, h("input", { type: "checkbox", name: "kinds", value: kind }), name)));
    follow();
    saveWith(one("#channel-dialog"), save, reload);
  }

  async function save() {
    const { kind, name, address: where, audience, locale } = Object.fromEntries(new FormData(form));
    const [which, code] = (audience ?? "").split(":");
    const kinds = known.own.includes(kind) ? [] : all("input:checked", one("#c-kinds")).map(({ value }) => value);
    const made = await post(BASE, { kind, name: name.trim(), address: where.trim(), locale, kinds, unit_id: which === "unit" ? Number(code) : null, post: which === "post" ? code : null });
    showSecret(made.signing_secret);
  }

  form.elements.kind.addEventListener("change", follow);
  one("#add-channel").addEventListener("click", add);
  return { draw };
}
