// Dead letters: what could not be delivered after many attempts, why, and sending it again.
import { post } from "../api.js";
import { fill, h, icon, one } from "../dom.js";
import { _ } from "../i18n.js";
import { tell, tellProblem } from "../notify.js";
import { fullText, shortText } from "../time.js";

const HEADS = [_("Case"), _("Kind of notice"), _("Channel"), _("For"), _("Made"), _("Attempts"), _("Why"), ""];

/** Starts the view; draw(known) shows what the server said. */
export function startLetters(reload) {
  function draw({ letters, kinds }) {
    fill(one("#letters thead tr"), HEADS.map((text) => h("th", { scope: "col" }, text)));
    fill(one("#letters tbody"), letters.items.map((letter) => row(letter, kinds)));
    one("#letters").hidden = !letters.count;
    one("#no-letters").hidden = letters.count > 0;
    one("#replay-all").hidden = !letters.count;
  }

  function row(letter, kinds) {
    const again = h("button", { type: "button", class: "button small", on: { click: () => replay([letter.id]) } }, icon("refresh"), _("Send again"));
    return h("tr", { data: { letter: letter.id } },
      h("th", { scope: "row" }, letter.number), h("td", {}, kinds[letter.kind] ?? letter.kind), h("td", {}, letter.channel),
      h("td", {}, letter.person ?? _("whoever reads there")),
      h("td", {}, h("time", { datetime: letter.recorded_at, title: fullText(letter.recorded_at) }, shortText(letter.recorded_at))),
      h("td", { class: "number" }, String(letter.attempts)), h("td", { class: "why" }, letter.error), h("td", {}, again));
  }

  async function replay(ids) {
    try {
      const { replayed } = await post("/api/notice-settings/letters/replay", { ids });
      tell(_("{count} are sent again.", { count: replayed }));
      await reload();
    } catch (problem) {
      tellProblem(problem);
    }
  }

  one("#replay-all").addEventListener("click", () => replay([]));
  return { draw };
}
