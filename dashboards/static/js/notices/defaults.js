// What holders of a post get by mail and SMS unless they choose otherwise; each change is kept at once.
import { put } from "../api.js";
import { fill, h, one } from "../dom.js";
import { _ } from "../i18n.js";
import { tell, tellProblem } from "../notify.js";

/** Starts the view; draw(known) shows what the server said. */
export function startDefaults() {
  let known = null;
  const select = one("#post");

  function draw(told) {
    known = told;
    const chosen = select.value || Object.keys(known.posts)[0];
    fill(select, Object.entries(known.posts).map(([code, name]) => h("option", { value: code }, name)));
    select.value = chosen;
    fill(one("#defaults thead tr"), [_("Kind of notice"), ...known.own.map((channel) => known.channel_names[channel])].map((text) => h("th", { scope: "col" }, text)));
    rows();
  }

  function rows() {
    const modes = known.defaults[select.value] ?? {};
    const urgent = new Set(known.templates.filter((one) => one.urgent).map(({ kind }) => kind));
    fill(one("#defaults tbody"), Object.entries(known.kinds).map(([kind, name]) => h("tr", { data: { kind } },
      h("th", { scope: "row" }, name, urgent.has(kind) && h("span", { class: "chip", data: { status: "alarm" } }, _("urgent"))),
      known.own.map((channel) => h("td", {}, choice(kind, channel, modes[kind]?.[channel] ?? "never", urgent.has(kind)))))));
  }

  function choice(kind, channel, mode, urgent) {
    const offered = Object.entries(known.mode_names).filter(([each]) => !urgent || ["at_once", "never"].includes(each) || each === mode);
    const label = _("{kind} by {channel}", { kind: known.kinds[kind], channel: known.channel_names[channel] });
    const made = h("select", { "aria-label": label, on: { change: () => keep(kind, channel, made.value) } }, offered.map(([each, name]) => h("option", { value: each }, name)));
    made.value = mode;
    return made;
  }

  async function keep(kind, channel, mode) {
    const post = select.value;
    try {
      await put("/api/notice-settings/defaults", { post, modes: { [kind]: { [channel]: mode === "never" ? null : mode } } });
      ((known.defaults[post] ??= {})[kind] ??= {})[channel] = mode;
      tell(_("{post}: {kind} by {channel}, {mode}.", { post: known.posts[post], kind: known.kinds[kind], channel: known.channel_names[channel], mode: known.mode_names[mode] }));
    } catch (problem) {
      tellProblem(problem);
      rows();
    }
  }

  select.addEventListener("change", rows);
  return { draw };
}
