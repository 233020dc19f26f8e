// One asset in full: facts with units, what it is joined to, photos, inspections, versions; and for data stewards the forms.
import { get } from "./api.js";
import { fill, h, icon, meta } from "./dom.js";
import { _ } from "./i18n.js";
import { tell, tellProblem } from "./notify.js";
import { facts, history, inspections, neighbours, photos } from "./register/asset-facts.js";
import { bulkForm } from "./register/bulk-form.js";
import { backForm, editForm, shapeForm, statusForm } from "./register/edit-form.js";
import { joinForm, splitForm } from "./register/line-forms.js";
import { newForm } from "./register/new-form.js";
import { inspectionForm, photosForm } from "./register/visit-forms.js";
import { shortText } from "./time.js";

export const mayEdit = meta("permissions").split(" ").includes("asset.edit");
const ALL_JOINED = 2000;

let words = null;

/** What of an asset the panel shows, to see whether it must be drawn again. */
const looks = ({ version, as_of: moment, open_cases: cases, ...rest }, at) => JSON.stringify([version, at && moment, cases, rest.neighbours, rest.photos, rest.inspections, rest.devices.length]);

/** Kinds with their schemas, and the names of fields, conditions and results; read once. */
export const registerWords = () => (words ??= get("/api/kinds"));

/**
 * A panel in `element`. show(id, {at, others}) loads an asset, as of `at` when given; `others` stand at the same place; enter() begins a
 * new one. `editor` is the shape editor of the map; `questions(asset)` gives buttons of what else can be asked of it, `more(asset)` a part
 * of the panel of its own, or null.
 */
export class AssetPanel {
  constructor(element, { onClose, onShow, showPlace, editor, view, questions = () => [], more = () => null }) {
    Object.assign(this, { element, onClose, onShow, showPlace, editor, view, questions, more, asset: null, form: null });
  }

  async show(id, { at = null, others = [], joined = null } = {}) {
    if (!this.mayLeave()) return;
    this.leaveForm();
    this.wanted = id;
    Object.assign(this, { at, others });
    try {
      const [asset, versions, register] = await Promise.all([get(`/api/assets/${id}`, { at, joined }), get(`/api/assets/${id}/versions`), registerWords()]);
      if (this.wanted !== id) return;
      if (asset.id === this.asset?.id && !this.form && looks(asset, at) === this.drawn) return; // the news were our own
      if (this.form) return void (asset.version > this.asset.version && this.form.warn?.()); // somebody began to write meanwhile
      Object.assign(this, { asset, versions, register });
      this.draw();
      this.onShow?.(asset);
    } catch (problem) {
      tellProblem(problem);
    }
  }

  /** Whether nothing that was entered would be lost, or the user says that it may be. */
  mayLeave() {
    if (!this.form?.isDirty?.()) return true;
    const leaves = confirm(_("What you have entered here is not saved. Leave it?"));
    if (leaves) this.leaveForm();
    return leaves;
  }

  close() {
    if (!this.mayLeave()) return false;
    this.wanted = this.asset = null;
    this.leaveForm();
    this.element.hidden = true;
    fill(this.element);
    this.drawn = null;
    this.onClose?.();
    return true;
  }

  /** Somebody changed these assets: read ours again, but never under the hands of someone who is writing. */
  refresh(ids) {
    if (!this.asset || this.wanted !== this.asset.id || !ids.includes(this.asset.id) || this.at) return; // another one is on its way
    if (this.form) this.form.warn?.();
    else this.show(this.asset.id, { others: this.others });
  }

  leaveForm() {
    if (this.form) this.drawn = null; // where it stood the panel must be drawn again
    this.form?.end?.();
    this.form = null;
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** Escape: first what is being drawn, then the form, then the panel. */
  stepBack() {
    if (this.editor?.escape()) return;
    if (!this.form) return this.close();
    if (!this.mayLeave()) return;
    if (this.asset) this.draw();
    else this.close();
  }

  draw() {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    this.leaveForm();
    const { asset } = this;
    this.drawn = looks(asset, this.at);
    this.element.hidden = false;
    this.element.dataset.asset = asset.id;
    const questions = this.at ? [] : this.questions(asset);
    fill(this.element, this.heading(),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": _("Facts of the asset") },
        questions.length > 0 && h("div", { class: "pipe-menu line", role: "group", "aria-label": _("Questions") }, questions),
        this.alsoHere(), !this.at && this.more(asset), facts(asset), neighbours(asset, (one) => this.link(one), () => this.show(asset.id, { at: this.at, others: this.others, joined: ALL_JOINED })),
        photos(asset), inspections(asset, this.register), history(this.versions)),
      mayEdit && !this.at && this.actions());
    if (focused) this.element.querySelector(`[data-action="${focused}"]`)?.focus(); // drawn anew under somebody's hands
  }

  heading() {
    const { asset } = this;
    return h("header", {},
      h("div", { class: "line" }, h("span", { class: "number" }, asset.kind_title), h("span", { class: "chip", data: { condition: asset.status } }, this.register.statuses[asset.status] ?? asset.status),
        h("button", { type: "button", class: "quiet", "aria-label": _("Show on the map"), on: { click: () => this.showPlace(asset) } }, icon("focus-2")), this.closer()),
      h("h2", {}, asset.name || asset.code || `${asset.kind_title} ${asset.source_ref}`),
      this.at && h("p", { class: "then" }, icon("history"), _("As of {time}, version {version}", { time: shortText(asset.as_of), version: asset.version })),
      asset.open_cases > 0 && h("p", { class: "then" }, icon("alert-triangle"), h("span", {}, _("{count} open cases", { count: asset.open_cases }))));
  }

  closer() {
    return h("button", { type: "button", class: "quiet", "aria-label": _("Close panel"), on: { click: () => this.close() } }, icon("x"));
  }

  alsoHere() {
    const rest = this.others.filter(({ id }) => id !== this.asset.id);
    return rest.length > 0 && h("section", { class: "also" }, h("span", {}, _("Also here:")), rest.map((one) => this.link(one)));
  }

  link(one) {
    const label = one.name?.startsWith(one.kind_title) ? one.name : `${one.kind_title} ${one.name || one.code || one.id}`;
    return h("button", { type: "button", class: "link", on: { click: () => this.show(one.id, { at: this.at, others: this.others }) } }, label);
  }

  actions() {
    const button = (name, title, action) => h("button", { type: "button", class: "button", data: { action: name }, on: { click: action } }, title);
    const removed = this.asset.status === "removed";
    const isPoint = this.asset.geometry.type === "Point";
    return h("div", { class: "moves" }, h("div", { class: "buttons" }, removed ? [button("restore", _("Bring back"), () => this.setStatus("intact"))] : [
      button("edit", _("Edit"), () => this.edit()), button("shape", isPoint ? _("Move") : _("Reshape"), () => this.reshape()), button("inspect", _("Enter an inspection"), () => this.inspect()),
      button("photos", _("Add photos"), () => this.addPhotos()),
      this.asset.geometry.type === "LineString" && [button("split", _("Split"), () => this.split()), button("join", _("Join"), () => this.join())],
      this.versions[0]?.back && button("back", _("Take back the last change"), () => this.takeBack()), button("retire", _("Retire"), () => this.setStatus("removed"))]));
  }

  /** What every form of a standing asset needs. */
  ways() {
    return {
      editor: this.editor, onCancel: () => this.mayLeave() && this.draw(), onReload: () => (this.leaveForm(), this.show(this.asset.id)),
      onDone: (version) => this.saved(_("Saved as version {version}.", { version })), openAsset: (id) => this.show(id),
    };
  }

  edit() {
    this.use(editForm(this.asset, this.register, this.ways()));
  }

  reshape() {
    this.showPlace(this.asset);
    this.use(shapeForm(this.asset, this.ways()));
  }

  takeBack() {
    this.use(backForm(this.asset, this.versions[0], this.ways()));
  }

  split() {
    this.showPlace(this.asset);
    this.use(splitForm(this.asset, { ...this.ways(), onDone: (id) => {
      tell(_("Split: this is the second part."));
      this.leaveForm();
      return this.show(id);
    } }));
  }

  join() {
    this.use(joinForm(this.asset, { ...this.ways(), onDone: () => this.saved(_("The lines are one now.")) }));
  }

  setStatus(status) {
    const name = this.asset.name || this.asset.kind_title;
    const removed = status === "removed";
    const words = removed ? { title: _("Retire {name}: it leaves map and search, its history stays", { name }), saveName: _("Retire") } : { title: _("Bring {name} back", { name }), saveName: _("Bring back") };
    this.use(statusForm(this.asset, status, { ...this.ways(), ...words }));
  }

  inspect() {
    this.use(inspectionForm(this.asset, this.register, { onDone: () => this.saved(_("The inspection has been entered.")), onCancel: () => this.draw() }));
  }

  addPhotos() {
    this.use(photosForm(this.asset, { onDone: () => this.saved(_("The photos have been added.")), onCancel: () => this.draw() }));
  }

  /** Begin a new asset. */
  enter() {
    return this.begin("new", _("Asset register"), (ways) => newForm(this.register, {
      ...ways,
      onDone: (id) => {
        tell(_("Entered as version 1."));
        this.leaveForm();
        return this.show(id);
      },
    }));
  }

  /** One change of many assets. */
  changeMany() {
    return this.begin("many", _("Asset register"), (ways) => bulkForm(this.register, { ...ways, view: this.view, onDone: () => this.changeMany() }));
  }

  /** A form that belongs to no single asset. */
  async begin(name, title, make) {
    if (!this.mayLeave()) return;
    this.leaveForm();
    this.wanted = this.asset = this.at = null;
    this.onShow?.(null);
    try {
      this.register = await registerWords();
    } catch (problem) {
      return tellProblem(problem);
    }
    this.element.hidden = false;
    this.element.dataset.asset = name;
    fill(this.element, h("header", {}, h("div", { class: "line" }, h("span", { class: "number" }, title), this.closer())), h("div", { class: "moves", data: { open: "new" } }));
    this.use(make({ editor: this.editor, onCancel: () => this.close(), openAsset: (id) => this.show(id) }));
  }

  saved(text) {
    tell(text);
    this.leaveForm();
    return this.show(this.asset.id, { others: this.others });
  }

  use(form) {
    this.leaveForm();
    this.form = form;
    const place = this.element.querySelector(".moves");
    fill(place, form.element);
    place.dataset.open ||= "1";
    form.element.querySelector("input, select, textarea, button")?.focus();
  }
}
