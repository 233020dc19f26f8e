// One run: what can be done with it, its figures, its difference as a table and on the map, the rows it refused.
import { get, post } from "./api.js";
import { fill, h, icon, one } from "./dom.js";
import { _ } from "./i18n.js";
import { reasonText } from "./import-reasons.js";
import { differenceMap } from "./imports-map.js";
import { tell, tellProblem } from "./notify.js";
import { fullText } from "./time.js";

export const CHANGES = { added: _("added"), changed: _("changed"), removed: _("removed"), absent: _("not in the file"), unchanged: _("unchanged"), refused: _("refused rows") };
const PHASES = { waiting: _("about to begin"), reading: _("reading"), checking: _("checking"), comparing: _("comparing with what stands") };
const FIELDS = { name: _("name"), name_en: _("English name"), status: _("state"), kind: _("kind"), class_code: _("class"), geometry: _("geometry"), parent: _("area above"), population: _("population"), level: _("level"), source: _("source") };

/** The panel of a run in `element`; `onChange()` when something was done, `onReplay(run)` to hand in corrected rows. */
export function runPanel(element, { onChange, onReplay }) {
  let shown = null;
  let map = null;
  let timer = 0;
  let since = 0;

  async function show(id) {
    clearTimeout(timer);
    if (shown !== id) since = Date.now();
    shown = id;
    let run;
    try {
      run = await get(`/api/imports/${id}`);
    } catch (problem) {
      return tellProblem(problem);
    }
    if (shown !== id) return;
    map?.remove();
    map = null;
    const busy = run.working || (run.progress?.phase === "waiting" && Date.now() - since < 20_000) || (run.state === "running" && !run.problem);
    if (busy) {
      drawProgress(run);
      timer = setTimeout(() => show(id), 700);
      return;
    }
    draw(run);
    onChange(run);
  }

  function drawProgress(run) {
    const { phase = "waiting", done = 0, total = null } = run.progress ?? {};
    const words = total ? _("{done} of {total}", { done, total }) : done ? _("{done} so far", { done }) : "";
    fill(element, h("div", { class: "sheet" }, head(run), h("section", { class: "block" },
      h("p", {}, `${PHASES[phase] ?? phase} ${words}`), h("progress", total ? { max: total, value: done } : { "aria-label": _("work goes on") }))));
  }

  function draw(run) {
    const sheet = h("div", { class: "sheet" }, head(run, true), run.problem && problemBox(run.problem), tiles(run));
    const notes = run.counts.notes ?? [];
    if (notes.length) sheet.append(h("section", { class: "block" }, h("h3", {}, _("To know")), h("ul", { class: "notes" }, notes.map((note) => h("li", {}, note)))));
    const number = Object.entries(run.difference).reduce((sum, [change, count]) => sum + (change === "absent" ? 0 : count), 0);
    if (number + (run.difference.absent ?? 0)) sheet.append(differenceBlock(run));
    if (run.reasons.length) sheet.append(refusedBlock(run));
    fill(element, sheet);
    if (one("#changes", element)) loadRows(run, "");
    if (number) loadMap(run);
  }

  function head(run, withSteps = false) {
    const steps = withSteps ? run.can : [];
    return h("section", { class: "block" }, h("div", { class: "head" }, h("h2", {}, run.file_name), h("span", { class: "chip", data: { run: run.state } }, run.state_name),
      h("div", { class: "buttons" }, steps.map((step) => stepButton(run, step)))),
    h("small", {}, [_("run {id}", { id: run.id }), run.kind_name, run.who, fullText(run.started_at), run.undoes && _("undoes run {id}", { id: run.undoes }), run.undone_by && _("undone by run {id}", { id: run.undone_by }), run.replays && _("corrects rows of run {id}", { id: run.replays })].filter(Boolean).join(" · ")));
  }

  function stepButton(run, step) {
    const [label, symbol, main] = { apply: [_("Put into force"), "check", true], discard: [_("Discard"), "x", false], undo: [_("Undo"), "arrow-back-up", false] }[step];
    return h("button", { type: "button", class: main ? "button primary" : "button", data: { step }, on: { click: (event) => take(run, step, event.currentTarget) } }, symbolOf(symbol), label);
  }

  async function take(run, step, button, body = {}) {
    if (step === "undo" && !body.keep_later && !confirm(_("Take back everything that run {id} did?", { id: run.id }))) return;
    button.disabled = true;
    try {
      await post(`/api/imports/${run.id}/${step}`, body);
      if (step === "undo") tell(_("Run {id} is undone.", { id: run.id }));
    } catch (problem) {
      tellProblem(problem);
      if (step === "undo" && problem.status === 409) button.replaceWith(keepButton(run));
      button.disabled = false;
      return;
    }
    since = Date.now();
    show(run.id);
  }

  /** What later work rests on can be kept; that is a decision of its own. */
  function keepButton(run) {
    return h("button", { type: "button", class: "button", data: { step: "keep" }, on: { click: (event) => take(run, "undo", event.currentTarget, { keep_later: true }) } }, icon("arrow-back-up"), _("Undo, but keep what was changed since"));
  }

  function tiles(run) {
    const { unchanged } = run.counts.assets ?? run.counts.divisions ?? {};
    const figures = { ...run.difference, unchanged, refused: run.refused };
    return h("div", { class: "change-tiles" }, Object.entries(CHANGES).filter(([name]) => figures[name] !== undefined).map(([name, label]) =>
      h(name in run.difference ? "button" : "div", { class: "change-tile", data: { change: name }, ...(name in run.difference && { type: "button", on: { click: () => loadRows(run, name) } }) },
        h("strong", {}, figures[name].toLocaleString()), h("span", {}, label))));
  }

  function differenceBlock() {
    const legend = ["added", "changed", "removed"].map((name) => h("span", { data: { change: name } }, h("i", { "aria-hidden": "true" }), CHANGES[name]));
    return h("section", { class: "block" }, h("h3", {}, _("Difference")), h("div", { class: "difference" },
      h("div", {}, h("div", { class: "figures", tabindex: "0", role: "region", "aria-label": _("Difference, row by row") },
        h("table", { id: "changes" }, h("thead", {}, h("tr", {}, [_("Change"), _("Asset"), _("Field by field")].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}))),
      h("button", { type: "button", class: "more", id: "more-changes", hidden: true }, _("More rows"))),
      h("div", {}, h("div", { class: "ground" }, h("div", { id: "map" })), h("div", { class: "legend-line" }, legend))));
  }

  async function loadRows(run, change, offset = 0) {
    const rows = await get(`/api/imports/${run.id}/changes`, { change, offset }).catch((problem) => (tellProblem(problem), []));
    const body = one("#changes tbody", element);
    if (!body) return;
    const drawn = rows.map((row) => h("tr", { data: { ref: row.ref }, on: { click: () => choose(row) } }, h("td", {}, h("span", { class: "chip", data: { change: row.change } }, CHANGES[row.change])),
      h("td", {}, h("button", { type: "button", class: "link" }, row.name || row.ref), h("br"), h("small", {}, `${row.kind_name} · ${row.ref}`)), h("td", {}, row.fields.map(fieldChange))));
    if (offset) body.append(...drawn);
    else fill(body, drawn);
    const more = one("#more-changes", element);
    more.hidden = rows.length < 100;
    more.onclick = () => loadRows(run, change, offset + 100);
    element.querySelectorAll("button.change-tile").forEach((tile) => tile.setAttribute("aria-pressed", tile.dataset.change === change));
  }

  function choose(row) {
    element.querySelectorAll("#changes tbody tr").forEach((line) => line.setAttribute("aria-current", line.dataset.ref === row.ref));
    map?.choose(row);
  }

  async function loadMap(run) {
    const features = await get(`/api/imports/${run.id}/changes.geojson`).catch((problem) => tellProblem(problem));
    const container = one("#map", element);
    if (!features || !container || shown !== run.id) return;
    map = differenceMap(container, features, { onChoose: (ref) => {
      const line = one(`#changes tr[data-ref="${CSS.escape(ref)}"]`, element);
      line?.click();
      line?.scrollIntoView({ block: "nearest" });
    } });
  }

  function refusedBlock(run) {
    const rows = run.reasons.map((one) => h("tr", {}, h("th", { scope: "row" }, reasonText(one.reason), h("br"), h("small", {}, one.reason)), h("td", {}, one.rows), h("td", {}, one.example)));
    return h("section", { class: "block" }, h("h3", {}, _("Refused rows")), h("table", { class: "reasons" }, h("thead", {}, h("tr", {}, [_("Reason"), _("Rows"), _("For example")].map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows)),
      run.replayed > 0 && h("p", { class: "hint" }, _("{count} of them were corrected and came in since.", { count: run.replayed })),
      run.mend && h("p", { class: "hint", id: "mend" }, icon("info-circle"), run.mend),
      h("div", { class: "buttons" }, download(run, "csv", _("Rows as CSV")), download(run, "geojson", _("Rows as GeoJSON")),
        run.kind === "layer" && run.state === "applied" && h("button", { type: "button", class: "button", on: { click: () => onReplay(run) } }, icon("cloud-upload"), _("Hand in corrected rows"))));
  }

  return { show };
}

const symbolOf = (name) => ({ check: icon("check"), x: icon("x"), "arrow-back-up": icon("arrow-back-up") })[name];

function download(run, form, label) {
  return h("a", { class: "button", href: `/api/imports/${run.id}/rejects.${form}`, download: "" }, icon("download"), label);
}

function problemBox({ message, next_step }) {
  return h("div", { class: "error", role: "alert" }, h("p", {}, message), h("p", { class: "next" }, next_step));
}

function fieldChange({ field, before, after, moved_m }) {
  const label = FIELDS[field] ?? field.replace(/^attributes\./, "");
  if (moved_m !== undefined) return h("span", { class: "field-change" }, `${label}: `, moved_m > 0.01 ? _("moved {metres} m", { metres: moved_m }) : _("redrawn"));
  const text = (value) => (value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));
  return h("span", { class: "field-change" }, `${label}: `, h("del", {}, text(before)), " → ", h("ins", {}, text(after)));
}
