// Photos, films and voice notes: stored ones shown and played, and a field that collects new ones with previews.
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";
import { shortText } from "./time.js";
import { voiceNote } from "./voice-note.js";

const PHOTOS = "image/*,.heic,.heif";
const RECORDINGS = "video/mp4,video/webm,video/quicktime,audio/*";
const PHOTOS_ALONE = { photo: 20, film: 0, sound: 0, files: 6, films: 0 };
const STAGES = { report: _("report"), verify: _("verification"), deny: _("verification"), feed_back: _("handling"), check: _("check"), fail_check: _("check") };

const kindOf = (type = "") => type.split("/")[0];

/** Stored evidence: thumbnails that open the original; films and voice notes with their controls. */
export function evidenceStrip(evidence) {
  const photos = evidence.filter(({ mime }) => kindOf(mime) === "image");
  const recordings = evidence.filter(({ mime }) => kindOf(mime) !== "image");
  return h("div", { class: "evidence" }, photos.length > 0 && h("div", { class: "photos" }, photos.map(thumbnail)), recordings.map(recording));
}

function factsOf(one) {
  const facts = [STAGES[one.stage] ?? one.stage, shortText(one.occurred_at), one.distance_m !== null && one.distance_m !== undefined && _("{metres} m from the case", { metres: Math.round(one.distance_m) })];
  return facts.filter(Boolean).join(" · ");
}

function thumbnail(one) {
  const words = factsOf(one);
  const image = h("img", { src: one.has_thumbnail === false ? one.url : one.thumbnail_url, alt: _("Photo: {facts}", { facts: words }), loading: "lazy", width: 96, height: 72 });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "no-preview" }, icon("photo"), _("open"))), { once: true });
  return h("a", { href: one.url, target: "_blank", rel: "noopener", title: words }, image);
}

function recording(one) {
  const film = kindOf(one.mime) === "video";
  const words = factsOf(one);
  const player = film ? h("video", { src: one.url, controls: true, preload: "metadata", playsinline: true, "aria-label": _("Video: {facts}", { facts: words }) })
    : h("audio", { src: one.url, controls: true, preload: "metadata", "aria-label": _("Voice note: {facts}", { facts: words }) });
  const caption = h("figcaption", {}, icon(film ? "video" : "microphone"), words, " ", h("a", { href: one.url, target: "_blank", rel: "noopener" }, _("open")));
  player.addEventListener("error", () => player.replaceWith(h("p", { class: "hint" }, _("This browser cannot play it; open the original."))), { once: true });
  return h("figure", { class: "recording", data: { evidence: one.id } }, player, caption);
}

/**
 * A field for photos, and with `recordings` (their limits in MB) for films and voice notes beside them. `camera` asks the phone for
 * its camera first. files() gives what was chosen, shows() whether one of them shows something.
 * A browser that cannot draw HEIC shows the file's name instead; the server converts it.
 */
export function photoField({ camera = false, required = false, label = _("Photos"), onChange = null, recordings = null } = {}) {
  const chosen = [];
  const previews = h("div", { class: "photos" });
  const wrong = h("small", { class: "wrong", role: "alert" });
  const input = chooser(recordings && !camera ? `${PHOTOS},${RECORDINGS}` : PHOTOS, label, { multiple: true, capture: camera && "environment" });
  const words = camera ? _("Take a photo") : recordings ? _("Add photos or recordings") : _("Add photos");
  const look = camera ? "button big" : "button";
  const button = h("label", { class: look }, icon("camera"), words, input);
  const note = recordings && camera ? voiceNote({ onDone: (file) => add([file]), onProblem: (problem) => (wrong.textContent = problem) }) : null;
  const element = h("div", { class: "photo-field" }, h("span", { class: "label" }, label, required && h("em", {}, _("required"))), previews, wrong,
    button, note && h("div", { class: "line record" }, filmButton(), note.element));

  function filmButton() {
    const film = chooser("video/mp4,video/webm,video/quicktime", _("Video"), { capture: "environment" });
    film.addEventListener("change", () => add(film.files, film));
    return h("label", { class: look }, icon("video"), _("Film"), film);
  }
  input.addEventListener("change", () => add(input.files, input));

  function add(files, from = null) {
    wrong.textContent = "";
    for (const file of files) {
      const problem = unfit(file, chosen, recordings ?? PHOTOS_ALONE);
      if (problem) wrong.textContent = problem;
      else chosen.push(file);
    }
    if (from) from.value = "";
    draw();
  }

  function draw() {
    fill(previews, chosen.map((file) => preview(file, () => {
      chosen.splice(chosen.indexOf(file), 1);
      draw();
    })));
    onChange?.(chosen);
  }

  return { element, input, files: () => [...chosen], shows: () => chosen.some(({ type }) => kindOf(type) !== "audio"), clear: () => (chosen.splice(0), (wrong.textContent = ""), draw()) };
}

function chooser(accept, label, { multiple = false, capture = false }) {
  return h("input", { type: "file", accept, multiple, capture: capture || null, "aria-label": label, class: "file" });
}

/** Why a file cannot go with the others, in words; "" where it can. Limits are in MB. */
function unfit(file, chosen, { photo, film, sound, files, films }) {
  const kind = kindOf(file.type);
  const limit = { video: film, audio: sound }[kind] ?? photo;
  if (chosen.length >= files) return _("At most {count} files go with one report.", { count: files });
  if (kind === "video" && chosen.filter(({ type }) => kindOf(type) === "video").length >= films) return _("At most {count} videos go with one report.", { count: films });
  if (file.size <= limit * 1e6) return "";
  const size = { name: file.name, size: Math.ceil(file.size / 1e6), limit };
  if (kind === "video") return _("“{name}” has {size} MB; a video may have {limit}. Film a shorter while, or at a lower resolution.", size);
  if (kind === "audio") return _("“{name}” has {size} MB; a voice note may have {limit}. Record a shorter while.", size);
  return _("“{name}” has {size} MB; a photo may have {limit}. Take it again, smaller.", size);
}

function preview(file, remove) {
  const kind = kindOf(file.type);
  const url = URL.createObjectURL(file);
  const away = h("button", { type: "button", class: "quiet", "aria-label": _("Remove {name}", { name: file.name }), on: { click: () => (URL.revokeObjectURL(url), remove()) } }, icon("x"));
  if (kind === "video" || kind === "audio") {
    const player = h(kind, { src: url, controls: true, preload: "metadata", "aria-label": file.name, ...(kind === "video" && { playsinline: true, muted: true }) });
    return h("span", { class: `preview recording ${kind}` }, player, away);
  }
  const image = h("img", { src: url, alt: file.name, width: 96, height: 72 });
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "no-preview" }, icon("photo"), file.name)), { once: true });
  return h("span", { class: "preview" }, image, away);
}
