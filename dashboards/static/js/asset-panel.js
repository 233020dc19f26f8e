// One asset in full: facts with units, what it is joined to, photos, inspections, versions; and for data stewards the form.
import { get, post } from "./api.js";
import { assetForm, formButtons, inspectionForm } from "./asset-form.js";
import { fill, h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { photoField } from "./photos.js";
import { fullText, shortText } from "./time.js";

export const mayEdit = meta("permissions").split(" ").includes("asset.edit");

let words = null;

/** Kinds with their schemas, and the names of fields, conditions and results; read once. */
export const registerWords = () => (words ??= get("/api/kinds"));

/**
 * A panel in `element`. show(id, {at, others}) loads an asset, as of `at` when given; `others` stand at the same place.
 * `pickPlace(take)` lets the user choose a point on the map and returns a function that ends it.
 */
export class AssetPanel {
  constructor(element, { onClose, onShow, showPlace, pickPlace }) {
    Object.assign(this, { element, onClose, onShow, showPlace, pickPlace, asset: null, form: null });
  }

  async show(id, { at = null, others = [] } = {}) {
    this.wanted = id;
    Object.assign(this, { at, others });
    try {
      const [asset, versions, register] = await Promise.all([get(`/api/assets/${id}`, { at }), get(`/api/assets/${id}/versions`), registerWords()]);
      if (this.wanted !== id) return;
      Object.assign(this, { asset, versions, register });
      this.draw();
      this.onShow?.(asset);
    } catch (problem) {
      tellProblem(problem);
    }
  }

  close() {
    this.wanted = this.asset = null;
    this.leaveForm();
    this.element.hidden = true;
    fill(this.element);
    this.onClose?.();
  }

  /** Somebody changed these assets: read ours again, but never under the hands of someone who is writing. */
  refresh(ids) {
    if (!this.asset || !ids.includes(this.asset.id) || this.at) return;
    if (this.form) this.form.warn?.();
    else this.show(this.asset.id, { others: this.others });
  }

  leaveForm() {
    this.form?.end?.();
    this.form = null;
  }

  draw() {
    this.leaveForm();
    const { asset } = this;
    this.element.hidden = false;
    this.element.dataset.asset = asset.id;
    fill(this.element, this.heading(),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": _("Facts of the asset") },
        this.alsoHere(), facts(asset), this.neighbours(), photos(asset), inspections(asset, this.register), this.history()),
      mayEdit && !this.at && this.actions());
  }

  heading() {
    const { asset } = this;
    return h("header", {},
      h("div", { class: "line" }, h("span", { class: "number" }, asset.kind_title), h("span", { class: "chip", data: { condition: asset.status } }, this.register.statuses[asset.status] ?? asset.status),
        h("button", { type: "button", class: "quiet", "aria-label": _("Show on the map"), on: { click: () => this.showPlace(asset) } }, icon("focus-2")),
        h("button", { type: "button", class: "quiet", "aria-label": _("Close panel"), on: { click: () => this.close() } }, icon("x"))),
      h("h2", {}, asset.name || asset.code || `${asset.kind_title} ${asset.source_ref}`),
      this.at && h("p", { class: "then" }, icon("history"), _("As of {time}, version {version}", { time: shortText(asset.as_of), version: asset.version })),
      asset.open_cases > 0 && h("p", { class: "then" }, icon("alert-triangle"), h("span", {}, _("{count} open cases", { count: asset.open_cases }))));
  }

  alsoHere() {
    const rest = this.others.filter(({ id }) => id !== this.asset.id);
    return rest.length > 0 && h("section", { class: "also" }, h("span", {}, _("Also here:")), rest.map((one) => this.link(one)));
  }

  link(one) {
    const label = one.name?.startsWith(one.kind_title) ? one.name : `${one.kind_title} ${one.name || one.code || one.id}`;
    return h("button", { type: "button", class: "link", on: { click: () => this.show(one.id, { at: this.at, others: this.others }) } }, label);
  }

  neighbours() {
    const groups = this.asset.neighbours;
    return groups.length > 0 && h("section", {}, h("h3", {}, _("Joined to")), h("dl", {}, groups.flatMap((group) => [
      h("dt", {}, group.total > 1 ? `${group.title} (${group.total})` : group.title),
      h("dd", { class: "joins" }, group.assets.map((one) => this.link(one)), group.total > group.assets.length && "…"),
    ])));
  }

  history() {
    return h("section", {}, h("h3", {}, _("Versions")), h("ol", { class: "history" }, this.versions.map((one) => version(one))));
  }

  actions() {
    const button = (name, title, action) => h("button", { type: "button", class: "button", data: { action: name }, on: { click: action } }, title);
    return h("div", { class: "moves" }, h("div", { class: "line" },
      button("edit", _("Edit"), () => this.edit()), button("inspect", _("Enter an inspection"), () => this.inspect()), button("photos", _("Add photos"), () => this.addPhotos())));
  }

  edit() {
    this.use(assetForm(this.asset, this.register, { pickPlace: this.pickPlace, onDone: (version) => this.saved(_("Saved as version {version}.", { version })), onCancel: () => this.draw(), onReload: () => this.show(this.asset.id) }));
  }

  inspect() {
    this.use(inspectionForm(this.asset, this.register, { onDone: () => this.saved(_("The inspection has been entered.")), onCancel: () => this.draw() }));
  }

  addPhotos() {
    const field = photoField({ label: _("Photos of the asset"), required: true });
    const send = async (event) => {
      event.preventDefault();
      if (!field.files().length) return;
      try {
        await post(`/api/assets/${this.asset.id}/photos`, {}, { photos: field.files() });
        this.saved(_("The photos have been added."));
      } catch (problem) {
        tellProblem(problem);
      }
    };
    const element = h("form", { class: "move", on: { submit: send } }, field.element, formButtons(_("Save"), () => this.draw()));
    this.use({ element });
  }

  saved(text) {
    tell(text);
    this.leaveForm();
    return this.show(this.asset.id, { others: this.others });
  }

  use(form) {
    this.leaveForm();
    this.form = form;
    fill(this.element.querySelector(".moves"), form.element);
    this.element.querySelector(".moves").dataset.open = "1";
    form.element.querySelector("input, select, textarea")?.focus();
  }
}

function facts({ facts: rows }) {
  return h("section", {}, h("dl", {}, rows.flatMap(({ title, text, field }) => [h("dt", {}, title), h("dd", { data: { field } }, text)])));
}

function photos({ id, photos: all }) {
  return all.length > 0 && h("section", {}, h("h3", {}, _("Photos")), h("div", { class: "photos" }, all.map((one) => {
    const url = `/api/assets/${id}/photos/${one.id}`;
    const about = [one.note, shortText(one.recorded_at)].filter(Boolean).join(" · ");
    return h("a", { href: url, target: "_blank", rel: "noopener", title: about }, h("img", { src: url, alt: _("Photo: {facts}", { facts: about }), loading: "lazy", width: 96, height: 72 }));
  })));
}

function inspections({ inspections: all }, { results }) {
  return all.length > 0 && h("section", {}, h("h3", {}, _("Inspections")), h("ul", { class: "plain" }, all.map((one) => h("li", {},
    h("time", {}, one.inspected_on), " ", h("strong", {}, results[one.result]), one.note && `: ${one.note}`,
    h("small", {}, ` ${one.who}`, one.next_on && ` · ${_("next on {day}", { day: one.next_on })}`)))));
}

const CHANGES = { added: _("added"), changed: _("changed"), moved: _("moved"), removed: _("removed"), restored: _("restored"), inspected: _("inspected") };

function version(one) {
  return h("li", {},
    h("div", { class: "line" }, h("strong", {}, `${one.version}. ${CHANGES[one.change] ?? one.change}`), h("time", { title: fullText(one.recorded_at) }, shortText(one.recorded_at))),
    h("div", { class: "who" }, [one.who, one.file].filter(Boolean).join(" · ")),
    one.why && h("p", {}, one.why),
    one.changes.length > 0 && h("ul", { class: "changes" }, one.changes.map((change) => h("li", {}, `${change.title}: `, change.before !== change.after && [h("del", {}, change.before), " → ", h("ins", {}, change.after)]))));
}
