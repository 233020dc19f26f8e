// Change an asset: its facts, its shape, or both; another's change in between is shown beside one's own.
import { Problem, patch } from "../api.js";
import { fill, h } from "../dom.js";
import { _ } from "../i18n.js";
import { conflictForm } from "./conflict.js";
import { attributeFields, changesOf, fieldGrid, plainFields, reasonField } from "./form-fields.js";
import { registerForm } from "./form.js";
import { shapeField } from "./shape-field.js";

/** Facts and, on request, the shape. onDone(version) after saving; onReload() shows the asset as it stands; openAsset(id) another one. */
export function editForm(asset, register, { editor, onDone, onCancel, onReload, openAsset }) {
  const fields = [...plainFields(asset, register), ...attributeFields(asset, register)];
  return versionedForm(asset, { title: _("Edit {name}", { name: asset.name || asset.kind_title }), name: "asset-form", fields, shown: fields, editor, onDone, onCancel, onReload, openAsset });
}

/** Only the shape: move, reshape. */
export function shapeForm(asset, { editor, onDone, onCancel, onReload }) {
  const title = asset.geometry.type === "Point" ? _("Move {name}", { name: asset.name || asset.kind_title }) : _("Reshape {name}", { name: asset.name || asset.kind_title });
  return versionedForm(asset, { title, name: "shape-form", fields: [], editor, onDone, onCancel, onReload, reshape: true });
}

/** One change that is ready but for its reason: removed, brought back. */
export function statusForm(asset, status, { title, saveName, onDone, onCancel, onReload }) {
  return versionedForm(asset, { title, name: "status-form", fields: [], fixed: { status }, saveName, onDone, onCancel, onReload });
}

/** The last change taken back: what stood before stands again, as a new version. */
export function backForm(asset, { version, back, changes }, ways) {
  const fields = changes.map((one) => (one.before || one.after ? `${one.title} → ${one.before || "–"}` : one.title)).join(", ");
  const title = _("Take back version {version}: {fields}", { version, fields });
  return versionedForm(asset, { ...ways, editor: null, title, name: "back-form", fields: [], fixed: back, saveName: _("Take back") });
}

function versionedForm(asset, { title, name, fields, editor = null, fixed = {}, reshape = false, saveName = _("Save"), onDone, onCancel, onReload, openAsset }) {
  const why = reasonField();
  const shape = editor && shapeField(asset, editor, { start: reshape });
  const notice = h("div", { class: "meanwhile", role: "status", hidden: true });
  const all = [...fields, shape, why].filter(Boolean);
  let version = asset.version;
  const wanted = () => ({ ...fixed, ...changesOf(fields), ...(shape?.geometry() && { geometry: shape.geometry() }) });

  const form = registerForm({
    title, name, fields: all, saveName, onCancel,
    body: [notice, shape?.element, fields.length > 0 && fieldGrid(fields)], reason: why.element,
    send: async () => {
      const changes = wanted();
      if (!Object.keys(changes).length) throw new Problem({ detail: _("Nothing has changed."), next_step: reshape ? _("Drag the shape on the map, or cancel.") : _("Change a field, or cancel.") });
      onDone((await patch(`/api/assets/${asset.id}`, { changes, why: why.value() }, version)).version);
    },
    onProblem: (problem) => Boolean(problem.more?.facts?.both) && (showConflict(problem), true),
    wordsFor: takenBy(openAsset),
  });

  function showConflict(problem) {
    const { both, version: present } = problem.more.facts;
    const place = both.find((one) => one.field === "geom");
    if (place) editor?.compare(place);
    const view = conflictForm(problem, { onDrop: onReload, onChosen: (theirs) => {
      version = present;
      for (const one of theirs) (one.field === "geom" ? shape : fields.find((each) => each.name === one.field))?.giveWay(one.theirs);
      if (theirs.some(({ field }) => field in fixed || (field === "geom" ? "geometry" : field.split(".")[0]) in fixed)) return onReload();
      view.replaceWith(form.element);
      if (place) shape?.resume();
      form.submit();
    } });
    form.element.replaceWith(view);
    view.querySelector("input")?.focus();
  }

  return {
    element: form.element,
    isDirty: () => fields.some((one) => one.isChanged()) || Boolean(shape?.geometry()) || Boolean(why.value()),
    warn() {
      notice.hidden = false;
      fill(notice, _("Somebody else has changed this asset meanwhile. When you save you will see both."));
    },
    end: () => editor?.stop(),
  };
}

/** A code that another asset has: its name, and the way to it. */
export function takenBy(openAsset) {
  return (name, words, facts) => [words, name === "code" && facts.other && openAsset && [" ", h("button", { type: "button", class: "link", on: { click: () => openAsset(facts.other) } }, _("Show it"))]];
}
