// The one door to the server: adds CSRF token and idempotency key, and turns every failure into a Problem
// that says what happened and what to do next.
import { meta } from "./dom.js";
import { _, locale } from "./i18n.js";

let csrf = meta("csrf");

/** What went wrong, in words for the user: message, nextStep, and the HTTP status (0 = no connection). */
export class Problem extends Error {
  constructor({ status = 0, title = "", detail = "", next_step = "", trace_id = "", ...more }) {
    super((typeof detail === "string" && detail) || title || _("The server could not do this."));
    this.status = status;
    this.nextStep = next_step;
    this.traceId = trace_id;
    this.more = more;
  }

  /** No connection, or a server that is busy or restarting: sending the same again later is right. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

export const newKey = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http on a local network has no randomUUID
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** GET JSON; `parameters` without a value are left out. */
export async function get(path, parameters = {}, { signal } = {}) {
  return answerOf(await send(withParameters(path, parameters), { signal }));
}

function withParameters(path, parameters) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/**
 * POST JSON, or a form when there are photos: the JSON goes into the form field `field`.
 * The same key sent twice does the thing once, so a key belongs to an intention, not to an attempt.
 */
export async function post(path, body, { key = newKey(), field = "body", photos = [], method = "POST", headers: more = {} } = {}) {
  const request = () => {
    const headers = { "X-CSRF-Token": csrf, "Idempotency-Key": key, ...more };
    if (!photos.length) {
      return { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
    }
    const form = new FormData();
    form.set(field, JSON.stringify(body));
    photos.forEach((photo, index) => form.append("photos", photo, photo.name || `photo-${index + 1}.jpg`));
    return { method, headers, body: form };
  };
  let response = await send(path, request());
  if (response.status === 403 && (await renewToken())) response = await send(path, request());
  return answerOf(response);
}

/** Hand in a file as it is; `onProgress(share)` is told how much of it has gone, from 0 to 1. */
export function upload(path, file, { onProgress = () => {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of how far an upload is
    request.open("POST", path);
    request.setRequestHeader("X-CSRF-Token", csrf);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept-Language", locale);
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener("load", () => {
      answerOf(new Response(request.responseText, { status: request.status })).then(resolve, reject);
    });
    request.addEventListener("error", () => reject(new Problem({
      detail: _("No connection to the server."),
      next_step: _("What you entered is kept; try again when the network is back."),
    })));
    request.send(file);
  });
}

/** PUT JSON: the whole of a thing as it shall be. */
export const put = (path, body) => post(path, body, { method: "PUT" });

/** PATCH JSON: change what stood at `version`; a Problem with status 409 when it has changed since. */
export const patch = (path, body, version) => post(path, body, { method: "PATCH", headers: { "If-Match": `"${version}"` } });

/** Save the file that the server sends: asked for with `parameters`, or made of the JSON in `body`. What it refuses is a Problem. */
export async function download(path, { parameters = {}, body = null, name = "file" } = {}) {
  const posted = () => ({ method: "POST", headers: { "X-CSRF-Token": csrf, "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const request = () => (body === null ? {} : posted());
  let response = await send(withParameters(path, parameters), request());
  if (response.status === 403 && body !== null && (await renewToken())) response = await send(path, request());
  if (!response.ok) return answerOf(response);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? name;
  link.click();
  URL.revokeObjectURL(link.href);
  return null;
}

async function send(url, options) {
  try {
    return await fetch(url, {
      ...options,
      headers: { Accept: "application/json", "Accept-Language": locale, ...options.headers },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({
      detail: _("No connection to the server."),
      next_step: _("What you entered is kept; try again when the network is back."),
    });
  }
}

async function answerOf(response) {
  if (response.ok) return response.status === 204 ? null : response.json();
  if (response.status === 401 && !location.pathname.startsWith("/login")) {
    // A page that collects work without reception must not lose it to a login page.
    if (!document.body.dataset.offline) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
  }
  throw new Problem({ ...(await problemOf(response)), status: response.status });
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return { detail: _("The server could not do this."), next_step: _("Try again; if it happens again, tell the administrator.") };
  }
}

/**
 * A page left open over a new login carries an old token: fetch the present one; true when it changed. What one person
 * did on this page is never sent in the name of another who has signed in since.
 */
async function renewToken() {
  const response = await send("/api/me", {});
  if (!response.ok) return false;
  const { account, csrf: fresh } = await response.json();
  if (account.username !== meta("user")) {
    throw new Problem({
      status: 401,
      detail: _("Somebody else has signed in here meanwhile."),
      next_step: _("Load the page again, or sign in yourself: what is kept here waits for you."),
    });
  }
  if (!fresh || fresh === csrf) return false;
  csrf = fresh;
  return true;
}
