// What people bring from an asset: an inspection with its result, photos.
import { post } from "../api.js";
import { h } from "../dom.js";
import { _ } from "../i18n.js";
import { photoField } from "../photos.js";
import { dateOf } from "../time.js";
import { field } from "./form-fields.js";
import { registerForm } from "./form.js";

/** Enter what was found at the asset, and when to come again. */
export function inspectionForm(asset, register, { onDone, onCancel }) {
  const fields = [
    field("inspected_on", _("Inspected on"), h("input", { type: "date", max: dateOf() }), dateOf()),
    field("result", _("Result"), h("select", {}, Object.entries(register.results).map(([value, text]) => h("option", { value }, text))), "sound"),
    field("note", _("Note"), h("textarea", { rows: 2, maxlength: 2000 }), "", { read: (text) => text }),
    field("next_on", _("Next inspection on"), h("input", { type: "date" }), ""),
  ];
  const send = async () => {
    await post(`/api/assets/${asset.id}/inspections`, Object.fromEntries(fields.map((one) => [one.name, one.value()])));
    onDone();
  };
  const body = h("div", { class: "asset-fields" }, fields.map((one) => one.element));
  return registerForm({ title: _("Enter an inspection"), name: "inspection-form", fields, body, saveName: _("Save"), send, onCancel });
}

/** Add photos of an asset. */
export function photosForm(asset, { onDone, onCancel }) {
  const photos = photoField({ label: _("Photos of the asset"), required: true });
  const wrong = h("small", { class: "wrong", role: "alert" });
  const complain = (words) => (wrong.textContent = words);
  const send = async () => {
    if (!photos.files().length) return complain(_("There is no photo. Choose at least one."));
    await post(`/api/assets/${asset.id}/photos`, {}, { photos: photos.files() });
    onDone();
  };
  return registerForm({ title: _("Add photos"), name: "photos-form", fields: [{ name: "photos", complain }], body: [photos.element, wrong], saveName: _("Save"), send, onCancel });
}
