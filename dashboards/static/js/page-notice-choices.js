// What somebody wants to be told by mail and SMS, where, and when not. In the pages everything stands anyway.
import { get, put } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { startShell } from "./shell.js";

const form = one("#choices");
let known = null;

async function load() {
  known = await get("/api/notices/choices");
  one("#save").disabled = false;
  one("#no-channel").hidden = known.channels.length > 0;
  form.elements.mail.value = known.addresses.mail;
  form.elements.sms.value = known.addresses.sms;
  for (const name of ["quiet_from", "quiet_until", "daily_at"]) form.elements[name].value = known[name]?.slice(0, 5) ?? "";
  fill(one("#kinds thead tr"), [_("Kind of notice"), _("In the pages"), ...Object.values(known.channel_names)].map((text) => h("th", { scope: "col" }, text)));
  fill(one("#kinds tbody"), known.kinds.map(row));
  changed(false);
}

function row(item) {
  return h("tr", { data: { kind: item.kind } },
    h("th", { scope: "row" }, known.names[item.kind], item.urgent && h("span", { class: "chip", data: { status: "alarm" } }, _("urgent"))),
    h("td", {}, icon("check"), " ", _("always")),
    Object.keys(known.channel_names).map((channel) => h("td", {}, modes(item, channel))));
}

/** Urgent kinds wait for nothing: they come at once or not at all. */
function modes({ kind, urgent, modes: byChannel }, channel) {
  const { chosen, default: usual } = byChannel[channel];
  const offered = Object.entries(known.mode_names).filter(([mode]) => !urgent || ["at_once", "never"].includes(mode) || mode === chosen);
  const label = _("{kind} by {channel}", { kind: known.names[kind], channel: known.channel_names[channel] });
  const select = h("select", { name: `${kind}:${channel}`, "aria-label": label },
    h("option", { value: "" }, _("as for my post: {mode}", { mode: known.mode_names[usual] })),
    offered.map(([mode, name]) => h("option", { value: mode }, name)));
  select.value = chosen ?? "";
  return select;
}

function changed(now = true) {
  form.dataset.changed = String(now);
  one("#state").textContent = now ? _("Not saved yet") : "";
}

async function save() {
  const value = (name) => form.elements[name].value;
  const wanted = {};
  for (const { kind } of known.kinds) wanted[kind] = Object.fromEntries(Object.keys(known.channel_names).map((channel) => [channel, value(`${kind}:${channel}`) || null]));
  try {
    await put("/api/notices/choices", {
      addresses: { mail: value("mail").trim(), sms: value("sms").trim() },
      quiet_from: value("quiet_from") || null, quiet_until: value("quiet_until") || null, daily_at: value("daily_at"), modes: wanted,
    });
    await load();
    tell(_("Saved. It holds for notices from now on."));
  } catch (problem) {
    tellProblem(problem);
  }
}

startShell();
form.addEventListener("input", () => changed());
form.addEventListener("submit", (event) => (event.preventDefault(), save()));
addEventListener("beforeunload", (event) => form.dataset.changed === "true" && event.preventDefault());
await load().catch(tellProblem);
