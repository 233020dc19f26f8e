// What the register knows of an asset, part by part: facts with units, what it is joined to, photos, inspections, versions.
import { h } from "../dom.js";
import { _ } from "../i18n.js";
import { fullText, shortText } from "../time.js";

/** Facts by name; what the kind does not know is folded away under the words of its source. */
export function facts({ facts: rows, source }) {
  const list = (some) => h("dl", {}, some.flatMap(({ title, text, field }) => [h("dt", {}, title), h("dd", { data: { field } }, text)]));
  const [known, foreign] = [rows.filter((one) => one.known), rows.filter((one) => !one.known)];
  return h("section", {}, list(known), foreign.length > 0 && h("details", { class: "foreign" }, h("summary", {}, _("As the source has it ({count})", { count: foreign.length })), h("small", {}, _("Source: {name}", { name: source })), list(foreign)));
}

/** Assets that it names, and that name it; `more()` brings those that are not listed. */
export function neighbours({ neighbours: groups }, link, more) {
  return groups.length > 0 && h("section", {}, h("h3", {}, _("Joined to")), h("dl", {}, groups.flatMap((group) => [
    h("dt", {}, group.total > 1 ? `${group.title} (${group.total})` : group.title),
    h("dd", { class: "joins" }, group.assets.map((one) => link(one)), group.total > group.assets.length && h("span", { class: "cut" }, _("{shown} of {total} are listed.", { shown: group.assets.length, total: group.total }), " ",
      h("button", { type: "button", class: "link", data: { action: "all-joined" }, on: { click: more } }, _("Show all")))),
  ])));
}

export function photos({ id, photos: all }) {
  return all.length > 0 && h("section", {}, h("h3", {}, _("Photos")), h("div", { class: "photos" }, all.map((one) => {
    const url = `/api/assets/${id}/photos/${one.id}`;
    const about = [one.note, shortText(one.recorded_at)].filter(Boolean).join(" · ");
    return h("a", { href: url, target: "_blank", rel: "noopener", title: about }, h("img", { src: url, alt: _("Photo: {facts}", { facts: about }), loading: "lazy", width: 96, height: 72 }));
  })));
}

export function inspections({ inspections: all }, { results }) {
  return all.length > 0 && h("section", {}, h("h3", {}, _("Inspections")), h("ul", { class: "plain" }, all.map((one) => h("li", {},
    h("time", {}, one.inspected_on), " ", h("strong", {}, results[one.result]), one.note && `: ${one.note}`,
    h("small", {}, ` ${one.who}`, one.next_on && [" · ", _("next on {day}", { day: one.next_on })])))));
}

const CHANGES = { added: _("added"), changed: _("changed"), moved: _("moved"), removed: _("removed"), restored: _("restored"), inspected: _("inspected") };

export function history(versions) {
  return h("section", {}, h("h3", {}, _("Versions")), h("ol", { class: "history" }, versions.map((one) => version(one))));
}

function version(one) {
  return h("li", {},
    h("div", { class: "line" }, h("strong", {}, `${one.version}. ${CHANGES[one.change] ?? one.change}`), h("time", { title: fullText(one.recorded_at) }, shortText(one.recorded_at))),
    h("div", { class: "who" }, [one.who, one.file].filter(Boolean).join(" · ")),
    one.why && h("p", {}, one.why),
    one.changes.length > 0 && h("ul", { class: "changes" }, one.changes.map((change) => h("li", {}, changed(change)))));
}

/** A field with its value before and after; a shape with the metres its middle moved. */
function changed({ title, before, after, moved_m: metres }) {
  if (metres) return `${title}: ${_("moved {metres} m", { metres })}`;
  return before === after ? title : [`${title}: `, h("del", {}, before), " → ", h("ins", {}, after)];
}
