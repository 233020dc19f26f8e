// Sending the citizens' form: how far it is, and words for what went wrong. The same key sent again makes no second report.
import { _, locale } from "./i18n.js";

/** Resolves to the server's answer; rejects with {status, detail, next_step}. `onProgress(share)` is told from 0 to 1. */
export function send(path, form, { onProgress = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
    request.open("POST", path);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Accept-Language", locale);
    request.upload.addEventListener("progress", ({ loaded, total }) => total && onProgress(loaded / total));
    request.addEventListener("load", () => {
      const answer = read(request.responseText);
      if (request.status < 300 && answer) return resolve(answer);
      reject({ status: request.status, ...(answer ?? broken()) });
    });
    request.addEventListener("error", () => reject({ status: 0, ...lost() }));
    request.addEventListener("timeout", () => reject({ status: 0, ...lost() }));
    request.send(form);
  });
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const lost = () => ({ detail: _("No connection to the server."), next_step: _("Nothing is lost: everything stays on this page. Send it again when you have a network; it will be there only once.") });
const broken = () => ({ detail: _("The server could not do this."), next_step: _("Try again in a while; what you entered stays on this page.") });

const KEPT = "citizen-reports";

/** Reports sent from this phone: [{number, code, name, at}], the newest first. */
export function kept() {
  return read(localStorage.getItem(KEPT) ?? "") ?? [];
}

/** Keep one more on this phone; where the browser keeps nothing, the citizen has the code on the screen. */
export function keep(entry) {
  try {
    localStorage.setItem(KEPT, JSON.stringify([entry, ...kept().filter(({ code }) => code !== entry.code)].slice(0, 20)));
  } catch {
    // private windows keep nothing
  }
}

export const forget = () => localStorage.removeItem(KEPT);
