// What corrections by people propose, and the history of versions: who, when, why.
import { post } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { _, named } from "../i18n.js";
import { tell } from "../notify.js";
import { fullText } from "../time.js";

/** Fill `content` with proposals; they are accepted into draft `draftId` (null: there is none). */
export function drawProposals(content, proposals, { draftId, may, onDone }) {
  fill(content, h("div", { class: "pad" },
    h("p", { class: "hint" }, _("Where people gave at least three cases, and at least half of all, of one rule, community and class to the same other unit, in the last 90 days.")),
    proposals.length ? proposals.map(card) : h("p", { class: "empty" }, icon("circle-check"), _("People correct no rule again and again."))));

  function card(one) {
    const unit = named({ name: one.unit, name_en: one.unit_en });
    const area = named({ name: one.area ?? one.area_code, name_en: one.area_en });
    const what = named({ name: one.class_name, name_en: one.class_name_en });
    const rule = one.number === null ? _("The fallback desk") : _("Rule {number} ({name})", { number: one.number, name: named(one) });
    const wrong = h("p", { class: "wrong", role: "alert" });
    const answer = async (accept) => {
      const { number, area_code, class_code, unit_id } = one;
      try {
        await post("/api/routing/proposals", { number, area_code, class_code, unit_id, set_id: accept ? draftId : null, name: `${one.class_name} · ${one.area ?? area_code}`, name_en: one.class_name_en ? `${one.class_name_en} · ${one.area_en || area_code}` : "", why: _("corrected {n} of {total} times", { n: one.corrected, total: one.decided }) });
        tell(accept ? _("The rule is in the draft.") : _("Declined; it comes again when there are twice as many."));
        onDone();
      } catch (problem) {
        wrong.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
      }
    };
    return h("div", { class: "proposal" },
      h("p", {}, _("{rule} was corrected {n} of {total} times to {unit} in {area} for {what}.", { rule, n: one.corrected, total: one.decided, unit, area, what })),
      h("p", {}, h("strong", {}, _("Propose: {what} in {area} → {unit}", { what, area, unit }))),
      may && h("div", { class: "buttons" }, h("button", { type: "button", class: "button primary small", disabled: !draftId, on: { click: () => answer(true) } }, icon("check"), draftId ? _("Into the draft") : _("Make a draft first")),
        h("button", { type: "button", class: "button small", on: { click: () => answer(false) } }, _("Decline"))), wrong);
  }
}

const CHANGES = {
  drafted: _("made the draft"), added: _("added rule {number}"), changed: _("changed rule {number}"), removed: _("took rule {number} out"), accepted: _("accepted a proposal as rule {number}"),
  submitted: _("asked for approval"), approved: _("approved"), sent_back: _("sent back"), dropped: _("gave up the draft"), withdrawn: _("withdrew it before it began"),
};

/** Fill `content` with what was done to version `setId`, the newest first. */
export function drawHistory(content, changes) {
  fill(content, h("ul", { class: "past" }, changes.map((one) => h("li", {}, h("time", {}, fullText(one.recorded_at)),
    h("span", {}, h("strong", {}, one.person ?? _("the system")), " ", (CHANGES[one.change] ?? one.change).replace("{number}", one.number ?? "")),
    one.after?.name && h("span", {}, named(one.after)), one.why && h("small", {}, one.why)))));
}
