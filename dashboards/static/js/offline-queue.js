// Reports made without reception wait in the phone's database with their photos and recordings and are sent once.
import { newKey, post, Problem } from "./api.js";
import { _ } from "./i18n.js";

const NAME = "city-command";
const STORE = "outgoing";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function inStore(mode, action) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const request = action(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * A queue of things to POST. Each entry {key, user, path, field, body, photos, title, made_at, problem} keeps the idempotency
 * key it got when it was made, so that a sending whose answer was lost does not make a second report. Entries belong to
 * `user`: on a shared phone nobody sends what somebody else saw.
 */
export class OfflineQueue {
  constructor({ user, onChange, onSent }) {
    Object.assign(this, { user, onChange, onSent, sending: null });
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
    setInterval(() => this.send(), 30_000); // "online" only means a network, not one that reaches the server
  }

  /** Keep it safe first, then try to send. Photos are stored as bytes: a file handle may die with the page. */
  async add({ path, field, body, photos, title }) {
    const kept = await Promise.all(photos.map(async (photo) => ({ name: photo.name, type: photo.type, bytes: await photo.arrayBuffer() })));
    const entry = { key: newKey(), user: this.user, path, field, body, photos: kept, title, made_at: new Date().toISOString(), problem: null };
    try {
      await inStore("readwrite", (store) => store.put(entry));
    } catch (error) {
      throw error?.name === "QuotaExceededError" ? new Problem({ detail: _("This phone has no room for it."), next_step: _("Send what waits first, or leave a video out.") }) : error;
    }
    await this.changed();
    this.send();
    return entry;
  }

  async entries() {
    const all = await inStore("readonly", (store) => store.getAll());
    return all.filter(({ user }) => user === this.user).sort((a, b) => a.made_at.localeCompare(b.made_at));
  }

  async remove(key) {
    await inStore("readwrite", (store) => store.delete(key));
    await this.changed();
  }

  /** Send everything that waits, oldest first; one sending at a time. */
  send({ again = false } = {}) {
    this.sending ??= this.sendAll(again).finally(() => (this.sending = null));
    return this.sending;
  }

  async sendAll(again) {
    for (const entry of await this.entries()) {
      if (entry.problem && !again) continue; // refused by the server: a person must look at it
      try {
        const photos = entry.photos.map(({ name, type, bytes }) => new File([bytes], name, { type }));
        const answer = await post(entry.path, entry.body, { key: entry.key, field: entry.field, photos });
        await this.remove(entry.key);
        this.onSent?.(entry, answer);
      } catch (problem) {
        if (problem.isTemporary || problem.status === 401) return; // no reception, or a new login is needed: keep and wait
        await inStore("readwrite", (store) => store.put({ ...entry, problem: { message: problem.message, nextStep: problem.nextStep ?? "" } }));
        await this.changed();
      }
    }
  }

  async changed() {
    this.onChange?.(await this.entries());
  }
}

/** Keep something by `add`; where that fails, say why in `element`. True once it is safe. */
export async function safely(add, element) {
  try {
    await add();
    return true;
  } catch (problem) {
    element.textContent = [problem.message, problem.nextStep].filter(Boolean).join(" ");
    element.hidden = false;
    element.scrollIntoView({ block: "center" });
    return false;
  }
}
