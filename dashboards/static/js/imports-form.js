// Handing in a file: what each kind of import takes and needs, what is still missing said beside its field, corrected rows of a run.
import { post, upload } from "./api.js";
import { fill, h, one } from "./dom.js";
import { _ } from "./i18n.js";

/** Kinds of import: files they take, fields that they show (`asks`), fields that must be filled (`needs`), and what to know before. */
const KINDS = {
  layer: { accept: ".csv,.tsv,.xlsx,.xls,.et,.ods,.geojson,.json,.gpkg,.zip,.fgb,.kml,.gml,.topojson", asks: ["mapping"], needs: ["mapping"],
    says: _("Lamps, pipes, trees …: CSV and Excel with coordinates or WKT, GeoJSON, GeoPackage; a Shapefile with all its parts, or a FileGDB, as one zip. The mapping says what its columns mean.") },
  areas: { accept: ".geojson,.json,.gpkg,.zip,.topojson,.fgb,.kml,.gml,.csv", asks: ["mapping", "grids"], needs: ["mapping"],
    says: _("Polygons of communities (or sub-districts); the levels above are built from the rows as the mapping says.") },
  osm: { accept: ".pbf,.osm,.gz,.bz2,.xml", asks: ["mapping", "name", "grids"], needs: ["mapping"], usual: { mapping: "osm", grids: "streets" },
    says: _("An extract as PBF (or XML): streets, bridges, lamps, stops, buildings, green, water, boundaries. The mapping osm decides which tags become what.") },
  gtfs: { accept: ".zip", asks: ["feed"], needs: [],
    says: _("The operator's feed as it is: one zip with stops.txt, routes.txt, trips.txt, stop_times.txt, a calendar, and shapes.txt where there is one. Its coordinates are WGS 84.") },
  epanet: { accept: ".inp", asks: ["system", "source"], needs: ["system"],
    says: _("A water network: the input file of EPANET 2 with junctions, pipes, valves, pumps, tanks and [COORDINATES]. Patterns and curves stay beside it.") },
  swmm: { accept: ".inp", asks: ["system", "source"], needs: ["system"],
    says: _("A sewer network: the input file of SWMM 5 with junctions, outfalls, conduits, pumps, weirs and [COORDINATES].") },
  divisions: { accept: ".csv", asks: [], needs: [], several: true,
    says: _("Codes and names from province to community: CSV in UTF-8 with the columns code and name. Choose the files of all levels at once; a code must begin with one that is in the list.") },
  standards: { accept: ".csv,.xlsx,.xls,.et", asks: ["mapping"], needs: ["mapping"], says: _("The city's table of filing conditions with their limits, one row each.") },
};
const FIELDS = ["mapping", "name", "feed", "system", "source", "grids"];

/** The form in `form`; `onBegun(id)` when a run was opened. Returns {offer(mappings, systems), replay(run)}. */
export function importForm(form, { onBegun }) {
  let replays = null;
  let known = { own: [], shipped: [] };

  function draw() {
    const kind = KINDS[form.elements.kind.value];
    for (const name of FIELDS) one(`#${name}-field`).hidden = replays !== null || !kind.asks.includes(name);
    one("#kind-says").textContent = kind.says;
    form.elements.kind.disabled = replays !== null;
    form.elements.file.accept = replays === null ? kind.accept : ".csv";
    form.elements.file.multiple = replays === null && Boolean(kind.several);
    one("#own-mapping").hidden = replays !== null || form.elements.kind.value !== "layer";
  }

  function change({ target }) {
    if (target === form.elements.kind) {
      offerMappings(target.value);
      for (const [name, value] of Object.entries(KINDS[target.value].usual ?? { mapping: "", grids: "lattice" })) form.elements[name].value = value;
      for (const name of FIELDS) tell(form.elements[name], "");
    }
    if (target === form.elements.file) guessKind(target.files[0]?.name ?? "");
    tell(target, "");
    one("#hand-in-problem").hidden = true;
    draw();
  }

  /** The ending of a file says what it can be at all; people choose among what is left. */
  function guessKind(name) {
    if (replays !== null || !name || KINDS[form.elements.kind.value].accept.split(",").some((ending) => name.toLowerCase().endsWith(ending))) return;
    const fitting = Object.entries(KINDS).filter(([, kind]) => kind.accept.split(",").some((ending) => name.toLowerCase().endsWith(ending)));
    if (!fitting.length) return;
    form.elements.kind.value = fitting[0][0];
    change({ target: form.elements.kind });
  }

  /** Say what is wrong beside the field itself; "" when nothing is. */
  function tell(field, words, ...more) {
    const place = one(`#${field.name}-problem`);
    if (!place) return;
    fill(place, words, more);
    place.hidden = !words;
    field.setAttribute("aria-invalid", String(Boolean(words)));
  }

  function missing() {
    const kind = KINDS[form.elements.kind.value];
    const empty = replays === null ? kind.needs.filter((name) => !form.elements[name].value.trim()) : [];
    const words = {
      mapping: () => tell(form.elements.mapping, _("Without a mapping nobody knows what the columns mean."), " ", form.elements.kind.value === "layer" ? _("Choose one, or make one from this file.") : _("Choose one.")),
      system: () => tell(form.elements.system, _("The file cannot say in which coordinate system its numbers are, and it is not guessed."), " ", _("Ask its owner, and state it here.")),
    };
    for (const name of empty) words[name]();
    if (empty.length) form.elements[empty[0]].focus();
    return empty.length > 0;
  }

  async function send(file = form.elements.file.files[0]) {
    const sending = one("#sending");
    sending.hidden = false;
    try {
      return await upload(`/api/imports/files?name=${encodeURIComponent(file.name)}`, file, { onProgress: (share) => {
        one("progress", sending).value = share;
        one("span", sending).textContent = _("{percent} % sent", { percent: Math.round(share * 100) });
      } });
    } finally {
      sending.hidden = true;
    }
  }

  async function handIn(event) {
    event.preventDefault();
    if (missing()) return;
    await doing(async () => {
      const sent = [];
      for (const file of form.elements.file.files) sent.push((await send(file)).file);
      const asks = replays === null ? KINDS[form.elements.kind.value].asks : [];
      const wanted = Object.fromEntries(asks.map((name) => [name, form.elements[name].value.trim()]));
      const { id } = await post("/api/imports", { ...wanted, file: sent[0], ...(sent.length > 1 && { more: sent.slice(1) }), kind: form.elements.kind.value, replays });
      endReplay();
      form.elements.file.value = "";
      await onBegun(id);
    });
  }

  /** The file goes along to the page where a mapping is made. */
  async function makeMapping() {
    await doing(async () => {
      const sent = form.elements.file.files[0] ? await send() : null;
      const start = form.elements.mapping.value;
      location.assign(`/imports/mapping#${new URLSearchParams({ ...(sent && { file: sent.file, name: sent.name }), ...(start && { mapping: start }) })}`);
    });
  }

  async function doing(action) {
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => (button.disabled = true));
    try {
      await action();
    } catch (problem) {
      console.debug(problem);
      fill(one("#hand-in-problem"), h("p", {}, problem.message), problem.nextStep && h("p", { class: "next" }, problem.nextStep));
      one("#hand-in-problem").hidden = false;
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  function replay(run) {
    replays = run.id;
    form.elements.kind.value = "layer";
    fill(one("#replay-note"), _("Hand in the corrected CSV of run {id}; its mapping is that run's.", { id: run.id }), " ",
      h("button", { type: "button", class: "link", on: { click: endReplay } }, _("Something else")));
    one("#replay-note").hidden = false;
    draw();
    form.elements.file.focus();
  }

  function endReplay() {
    replays = null;
    one("#replay-note").hidden = true;
    draw();
  }

  function offer(mappings, systems) {
    known = mappings;
    offerMappings(form.elements.kind.value);
    fill(one("#systems"), systems.map(({ system, name }) => h("option", { value: system }, name)));
  }

  /** Only mappings of the kind that is chosen, and those that do not tell theirs. */
  function offerMappings(kind) {
    const select = form.elements.mapping;
    const before = select.value;
    const [own, shipped] = [known.own, known.shipped].map((found) => found.filter(({ of }) => !of || of === kind));
    const options = (found) => found.map(({ name }) => h("option", { value: name }, name));
    fill(select, h("option", { value: "" }, _("choose…")), own.length > 0 && h("optgroup", { label: _("Made here") }, options(own)), shipped.length > 0 && h("optgroup", { label: _("Come with the system") }, options(shipped)));
    select.value = [...own, ...shipped].some(({ name }) => name === before) ? before : "";
  }

  form.addEventListener("change", change);
  form.addEventListener("input", ({ target }) => target.name && tell(target, ""));
  form.addEventListener("submit", handIn);
  one("#own-mapping").addEventListener("click", makeMapping);
  draw();
  return { offer, replay };
}
