// What the public sees of a case, for those who decide it: withheld with a reason or shown, photos let out one by one.
import { get, post, put } from "./api.js";
import { fill, h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tellProblem } from "./notify.js";

const decides = meta("permissions").split(" ").includes("publication.decide");

/** The section; null for who decides nothing. It asks the server once it is opened. */
export function publication(detail) {
  if (!decides) return null;
  const inside = h("div", { class: "publication" });
  const element = h("details", { on: { toggle: () => element.open && !inside.childElementCount && load() } }, h("summary", {}, _("What the public sees")), inside);
  const draw = (shown) => fill(inside, state(shown, change), photos(detail, shown, change));
  async function change(work) {
    try {
      draw(await work(`/api/cases/${detail.id}/publication`));
    } catch (problem) {
      tellProblem(problem);
    }
  }
  const load = () => change((path) => get(path));
  return h("section", {}, element);
}

function state(shown, change) {
  if (shown.withheld) {
    return [h("p", {}, icon("x"), " ", _("Withheld: {reason}", { reason: shown.withheld })),
      h("button", { type: "button", class: "button small", on: { click: () => change((path) => post(path, {}, { method: "DELETE" })) } }, _("Show it again"))];
  }
  if (!shown.public) return h("p", {}, _("Nothing: its class is no public service, or it waits for acceptance."));
  const reason = h("input", { type: "text", maxlength: 400, required: true, "aria-label": _("Reason"), placeholder: _("Reason, such as: names a person") });
  const form = h("form", { class: "line", on: { submit: (event) => (event.preventDefault(), change((path) => put(path, { reason: reason.value.trim() }))) } }, reason, h("button", { class: "button small" }, icon("x"), _("Withhold")));
  return [h("p", {}, [shown.public.address, shown.public.words && `“${shown.public.words}”`].filter(Boolean).join(" · ") || _("Class, stage and date only.")), form];
}

function photos(detail, shown, change) {
  const ready = detail.evidence.filter((one) => one.has_thumbnail);
  if (!ready.length || !shown.public) return null;
  const boxes = ready.map((one) => h("label", { class: "let-out" }, h("img", { src: one.thumbnail_url, alt: "", width: 72, height: 54, loading: "lazy" }),
    h("input", { type: "checkbox", value: one.id, checked: shown.photos.includes(one.id) })));
  const send = () => change((path) => put(`${path}/photos`, { photos: boxes.map((box) => box.querySelector("input")).filter((input) => input.checked).map((input) => Number(input.value)) }));
  boxes.forEach((box) => box.querySelector("input").addEventListener("change", send));
  return [h("p", { class: "hint" }, _("Photos that anybody may see. Look for faces and number plates first; a small copy is shown, without the camera's data.")), h("div", { class: "photos" }, boxes)];
}
