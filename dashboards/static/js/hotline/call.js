// The call that goes on: begun at the first thing that is typed, its caller kept up to date, ended with its kind.
import { newKey, post, put } from "../api.js";
import { now } from "../time.js";

/** One call at a time: {begunAt, made: {cases, answers, handovers}}. onChange() after everything that was made of it. */
export function openCall({ onChange }) {
  let id = null;
  let key = newKey();
  let begunAt = null;
  let sent = null; // the caller as the server knows it
  let turn = Promise.resolve(); // one request about the caller after the other
  let made = empty();

  function empty() {
    return { cases: [], answers: [], handovers: [] };
  }
  /** The clock of the call starts with the first key. */
  function touch() {
    begunAt ??= new Date(now()).toISOString();
  }
  /** Begin the call, or tell the server of another name, number or confidentiality; gives the call's id. */
  function keep(caller) {
    turn = turn.catch(() => null).then(async () => {
      const said = JSON.stringify(caller);
      if (id === null) {
        touch();
        ({ id } = await post("/api/calls", { ...caller, begun_at: begunAt }, { key }));
      } else if (said !== sent) await put(`/api/calls/${id}/caller`, caller);
      sent = said;
      return id;
    });
    return turn;
  }
  async function answer(caller, article) {
    await post(`/api/calls/${await keep(caller)}/answers`, { edition_id: article.edition_id });
    note("answers", article);
  }
  async function handOver(caller, service, words) {
    await post(`/api/calls/${await keep(caller)}/handovers`, { service, words });
    note("handovers", { service, words });
  }
  function note(what, thing) {
    made[what].push(thing);
    onChange();
  }
  async function end(caller, kind, words) {
    const ended = await post(`/api/calls/${await keep(caller)}/end`, { kind, words });
    reset();
    return ended;
  }
  function reset() {
    id = sent = begunAt = null;
    key = newKey();
    made = empty();
    onChange();
  }
  return { touch, keep, answer, handOver, end, reset, note, begunAt: () => begunAt, made: () => made, goesOn: () => begunAt !== null };
}
