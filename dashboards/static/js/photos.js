// Photos: thumbnails that open the original, and a field that collects new ones with previews.
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { shortText } from "./time.js";

export const ACCEPT = "image/*,.heic,.heif";
const LIMIT = 6;
const STAGES = { report: _("report"), verify: _("verification"), deny: _("verification"), feed_back: _("handling"), check: _("check"), fail_check: _("check") };

/** Thumbnails of stored evidence. */
export function photoStrip(evidence) {
  return h("div", { class: "photos" }, evidence.map((one) => {
    const facts = [STAGES[one.stage] ?? one.stage, shortText(one.occurred_at), one.distance_m !== null && one.distance_m !== undefined && _("{metres} m from the case", { metres: Math.round(one.distance_m) })];
    const words = facts.filter(Boolean).join(" · ");
    const image = h("img", { src: one.has_thumbnail === false ? one.url : one.thumbnail_url, alt: _("Photo: {facts}", { facts: words }), loading: "lazy", width: 96, height: 72 });
    image.addEventListener("error", () => image.replaceWith(h("span", { class: "no-preview" }, icon("photo"), _("open"))), { once: true });
    return h("a", { href: one.url, target: "_blank", rel: "noopener", title: words }, image);
  }));
}

/**
 * A field for photos. `camera` asks the phone for its camera first. files() gives what was chosen.
 * A browser that cannot draw HEIC shows the file's name instead; the server converts it.
 */
export function photoField({ camera = false, required = false, label = _("Photos"), onChange = null } = {}) {
  const chosen = [];
  const previews = h("div", { class: "photos" });
  const input = h("input", { type: "file", accept: ACCEPT, multiple: true, "aria-label": label, class: "file" });
  if (camera) input.setAttribute("capture", "environment");
  const button = h("label", { class: camera ? "button big" : "button" }, icon("camera"), camera ? _("Take a photo") : _("Add photos"), input);
  const element = h("div", { class: "photo-field" }, h("span", { class: "label" }, label, required && h("em", {}, _("required"))), previews, button);

  input.addEventListener("change", () => {
    chosen.push(...input.files);
    chosen.splice(LIMIT);
    input.value = "";
    draw();
  });

  function draw() {
    fill(previews, chosen.map((file, index) => preview(file, () => {
      chosen.splice(index, 1);
      draw();
    })));
    onChange?.(chosen);
  }

  return { element, input, files: () => [...chosen], clear: () => (chosen.splice(0), draw()) };
}

function preview(file, remove) {
  const url = URL.createObjectURL(file);
  const image = h("img", { src: url, alt: file.name, width: 96, height: 72 });
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "no-preview" }, icon("photo"), file.name)), { once: true });
  return h("span", { class: "preview" }, image, h("button", { type: "button", class: "quiet", "aria-label": _("Remove {name}", { name: file.name }), on: { click: remove } }, icon("x")));
}
