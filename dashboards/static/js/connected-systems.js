// Systems that are read on a schedule: how each stands, since when it is away, how old its data are; read now, pause, go on.
import { get, post } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { shortText } from "./time.js";

const STANDING = { ok: _("reads well"), late: _("late"), held: _("waits for a steward"), failing: _("away"), paused: _("paused"), new: _("not read yet") };
const READS = { api: _("web interface"), view: _("database view"), folder: _("drop folder"), topic: _("message topic") };
const OUTCOMES = { applied: _("applied"), unchanged: _("nothing new"), held: _("held"), failed: _("failed") };
const HEADS = [_("System"), _("State"), _("Away for"), _("Newest data"), _("Last attempt"), _("Next"), ""];
const STEPS = [[86_400, _("{n} d")], [3600, _("{n} h")], [60, _("{n} min")], [1, _("{n} s")]];

/** 95 → "1 min". */
function duration(seconds) {
  if (seconds === null) return "–";
  const [size, words] = STEPS.find(([step]) => seconds >= step) ?? STEPS.at(-1);
  return words.replace("{n}", Math.floor(seconds / size));
}

export async function drawConnected() {
  try {
    const { items, may } = await get("/api/connectors");
    one("#connected").hidden = items.length === 0;
    fill(one("#connectors thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
    fill(one("#connectors tbody"), items.map((each) => row(each, may.keep)));
  } catch (problem) {
    tellProblem(problem);
  }
}

function row(each, mayKeep) {
  const last = each.last;
  return h("tr", { data: { connector: each.code } },
    h("th", { scope: "row" }, each.name, h("small", {}, [READS[each.reads], _("every {time}", { time: duration(each.every_s) })].join(" · "))),
    h("td", {}, h("span", { class: "chip", data: { standing: each.standing } }, STANDING[each.standing])),
    h("td", {}, each.failures ? duration(each.outage_s) : "–"),
    h("td", {}, each.delay_s === null ? "–" : _("{time} old", { time: duration(each.delay_s) })),
    h("td", {}, last ? `${OUTCOMES[last.outcome]} · ${shortText(last.recorded_at)}` : "–", last?.problem ? h("small", { class: "problem" }, last.problem) : null,
      last?.run_id ? h("small", {}, _("import run {run}", { run: last.run_id })) : null),
    h("td", {}, each.active ? shortText(each.next_at) : "–"),
    h("td", {}, mayKeep ? h("div", { class: "buttons" }, button(each, "read", _("Read now")), each.active ? button(each, "pause", _("Pause")) : button(each, "resume", _("Resume"))) : null));
}

function button(each, act, words) {
  const click = async () => {
    try {
      await post(`/api/connectors/${encodeURIComponent(each.code)}/${act}`, {});
      if (act === "read") tell(_("{name} is read in a moment.", { name: each.name }));
      await drawConnected();
    } catch (problem) {
      tellProblem(problem);
    }
  };
  return h("button", { type: "button", class: "button", on: { click } }, words);
}
