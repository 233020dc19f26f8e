// The columns of a layer: what stands in them, which attribute of the kind each fills, and what its words mean there.
import { fill, h, one } from "./dom.js";
import { _, locale } from "./i18n.js";

const TYPES = { text: _("text"), integer: _("whole number"), number: _("number"), date: _("date"), boolean: _("yes or no"), degrees: _("degrees and minutes"), "": _("empty") };
const READ_AS = { number: "number", integer: "integer", flag: "boolean", date: "date", text: "text" };
const MANY = 30; // columns beyond which a filter is shown

/** The block in `element`. Returns {draw()}. */
export function columnsBlock(element, { state, put }) {
  const open = new Set();
  let wanted = "";

  const attributes = () => state.mapping.attributes ?? {};
  const known = () => Object.entries(state.kinds.kinds.find((kind) => kind.code === state.mapping.kind)?.schema.properties ?? {});
  const title = (property) => (locale === "zh" ? property["x-title-zh"] : property.title) + (property["x-unit-text"] ? ` (${property["x-unit-text"]})` : "");
  const entryOf = (column) => Object.entries(attributes()).find(([, entry]) => (typeof entry === "string" ? entry : entry.column) === column) ?? null;
  const asTable = (entry) => (typeof entry === "string" ? { column: entry } : entry);

  function draw() {
    const columns = state.look.columns.filter((column) => column.name.toLowerCase().includes(wanted.toLowerCase()));
    const left = state.look.columns.filter((column) => column.type && !role(column.name) && !entryOf(column.name));
    fill(element,
      state.look.columns.length > MANY && h("input", { type: "search", value: wanted, id: "filter-columns", placeholder: _("Filter columns"), "aria-label": _("Filter columns"), on: { input: (event) => { wanted = event.target.value; draw(); one("#filter-columns").focus(); } } }),
      h("div", { class: "figures", tabindex: "0", role: "region", "aria-label": _("Columns") }, h("table", { class: "columns" }, h("thead", {}, h("tr", {}, [_("Column"), _("Holds"), _("Becomes")].map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, columns.map((column) => [row(column), open.has(column.name) && details(column)])))),
      h("div", { class: "buttons" }, left.length > 0 && h("button", { type: "button", class: "button small", on: { click: () => keepAll(left) } }, _("Keep the other {count} under their own names", { count: left.length }))),
      constants());
  }

  function row(column) {
    const use = role(column.name);
    const entry = entryOf(column.name);
    return h("tr", { data: { column: column.name, used: String(Boolean(use || entry)) } },
      h("th", { scope: "row" }, column.name, use && h("span", { class: "chip" }, use)),
      h("td", {}, h("span", { class: "type" }, TYPES[column.type] ?? column.type), h("meter", { min: 0, max: 1, value: column.filled, title: _("{percent} % filled", { percent: Math.round(column.filled * 100) }) }), h("small", {}, column.examples.join(_(", ")))),
      h("td", {}, h("div", { class: "line" }, select(column, entry), entry && h("button", { type: "button", class: "quiet", "aria-expanded": String(open.has(column.name)), title: _("What its words mean"), on: { click: () => toggle(column.name) } }, `⋯`))));
  }

  function select(column, entry) {
    const code = entry?.[0] ?? "";
    const own = code && !known().some(([name]) => name === code);
    return h("select", { "aria-label": _("{column} becomes", { column: column.name }), on: { change: (event) => choose(column, event.target.value) } },
      h("option", { value: "" }, role(column.name) ? _("nothing more") : _("left out")), own && code !== column.name && h("option", { value: code, selected: true }, code), h("option", { value: column.name, selected: code === column.name && own }, _("kept as “{name}”", { name: column.name })),
      known().filter(([, property]) => property["x-type"] in READ_AS).map(([name, property]) => h("option", { value: name, selected: name === code }, title(property))));
  }

  function choose(column, code) {
    const rest = Object.fromEntries(Object.entries(attributes()).filter(([name, entry]) => asTable(entry).column !== column.name && name !== code));
    const property = known().find(([name]) => name === code)?.[1];
    const read = property ? { column: column.name, type: READ_AS[property["x-type"]] ?? "as_is" } : column.name;
    if (property?.enum && Object.keys(column.values).length) {
      read.values = Object.fromEntries(Object.keys(column.values).flatMap((word) => choiceFor(property, word)));
      open.add(column.name);
    }
    put("attributes", code ? { ...rest, [code]: read } : rest);
    draw();
  }

  /** A word that is a choice by its Chinese or English name already. */
  const choiceFor = (property, word) => (property["x-choices"] ?? []).filter((choice) => choice.includes(word)).map(([code]) => [word, code]).slice(0, 1);

  function keepAll(columns) {
    put("attributes", { ...attributes(), ...Object.fromEntries(columns.map(({ name }) => [name, name])) });
    draw();
  }

  function toggle(name) {
    if (!open.delete(name)) open.add(name);
    draw();
  }

  /** Words translated one by one, a factor for numbers, and what stands where the column is empty. */
  function details(column) {
    const found = entryOf(column.name);
    if (!found) return null;
    const [code, entry] = found;
    const table = asTable(entry);
    const property = known().find(([name]) => name === code)?.[1];
    const save = (more) => {
      const next = { ...table, ...more };
      for (const name of Object.keys(next)) if (next[name] === undefined || next[name] === "") delete next[name];
      put("attributes", { ...attributes(), [code]: next });
    };
    const words = Object.entries(column.values);
    const setWord = (word, value) => save({ values: { ...asTable(attributes()[code]).values, [word]: value } });
    return h("tr", { class: "details", data: { of: column.name } }, h("td", { colspan: 3 },
      h("div", { class: "trio" },
        field(_("Read as"), h("select", { on: { change: (event) => save({ type: event.target.value }) } }, [["as_is", _("as it is")], ["text", _("text")], ["integer", _("whole number")], ["number", _("number")], ["boolean", _("yes or no")], ["date", _("date")]].map(([name, label]) => h("option", { value: name, selected: name === (table.type ?? "as_is") }, label)))),
        ["number", "integer"].includes(table.type) && field(_("Times"), h("input", { type: "number", step: "any", value: table.factor ?? 1, on: { change: (event) => save({ factor: Number(event.target.value) === 1 ? undefined : Number(event.target.value) }) } })),
        field(_("Where it is empty"), valueControl(property, table.default ?? "", (value) => save({ default: typed(property, value) }), _("nothing")))),
      words.length > 0 && h("div", { class: "words", role: "group", "aria-label": _("What its words mean") }, words.map(([word, count]) => h("label", {}, h("span", {}, word, h("small", {}, ` × ${count}`)), valueControl(property, table.values?.[word] ?? "", (value) => setWord(word, value), property?.enum || table.values ? _("not translated") : _("as it is")))))));
  }

  function valueControl(property, value, onChange, empty) {
    if (property?.["x-choices"]) {
      return h("select", { on: { change: (event) => onChange(event.target.value) } }, h("option", { value: "" }, empty), property["x-choices"].map(([code, zh, en]) => h("option", { value: code, selected: code === value }, locale === "zh" ? zh : en)));
    }
    return h("input", { value: String(value), placeholder: empty, on: { change: (event) => onChange(event.target.value.trim()) } });
  }

  function typed(property, value) {
    if (value === "") return undefined;
    if (["number", "integer"].includes(property?.["x-type"]) && Number.isFinite(Number(value))) return Number(value);
    return property?.["x-type"] === "flag" ? ["true", "yes", "1", "是", "有"].includes(value.toLowerCase()) : value;
  }

  /** Attributes that are the same in every row. */
  function constants() {
    const same = Object.entries(attributes()).filter(([, entry]) => typeof entry !== "string" && !entry.column);
    const free = known().filter(([name, property]) => property["x-type"] in READ_AS && !(name in attributes()));
    const write = (code, value) => put("attributes", { ...attributes(), [code]: { default: value } });
    return h("div", { class: "constants" }, same.map(([code, entry]) => {
      const property = known().find(([name]) => name === code)?.[1];
      return h("label", {}, h("span", {}, _("{attribute} in every row", { attribute: property ? title(property) : code })), valueControl(property, entry.default, (value) => {
        if (value === "") put("attributes", Object.fromEntries(Object.entries(attributes()).filter(([name]) => name !== code)));
        else write(code, typed(property, value));
        draw();
      }, ""));
    }), free.length > 0 && h("select", { class: "add", "aria-label": _("The same in every row"), on: { change: (event) => { write(event.target.value, first(event.target.value)); draw(); } } },
      h("option", { value: "" }, _("+ the same in every row…")), free.map(([name, property]) => h("option", { value: name }, title(property)))));
  }

  function first(code) {
    const property = known().find(([name]) => name === code)[1];
    return property.enum?.[0] ?? { number: property.minimum ?? 0, integer: property.minimum ?? 0, flag: true, date: new Date().toISOString().slice(0, 10) }[property["x-type"]] ?? "?";
  }

  /** What else a column is used for. */
  function role(name) {
    const { geometry = {}, ...mapping } = state.mapping;
    const written = `{${name}}`;
    if (geometry.x === name || geometry.y === name || geometry.wkt === name) return _("coordinates");
    const uses = [["reference", _("known by")], ["name", _("name")], ["name_en", _("English name")], ["class_code", _("class")]];
    return uses.find(([part]) => [mapping[part]].flat().some((template) => template?.includes(written)))?.[1] ?? "";
  }

  const field = (label, control) => h("label", { class: "field" }, h("span", {}, label), control);
  return { draw };
}
