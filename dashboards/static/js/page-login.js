// Signing in without leaving the page, so that a refusal is a sentence beside the form and not a new page.
import { all, h, one } from "./dom.js";

const form = one("#login");
const error = h("p", { class: "error", role: "alert", hidden: true });
form.prepend(error);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = one("button:not([type])", form);
  button.disabled = true;
  try {
    const answer = await fetch("/login", { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" } });
    if (answer.ok) return location.assign(answer.url);
    const { detail, next_step: nextStep } = await answer.json();
    say(`${detail} ${nextStep}`);
  } catch {
    say(form.dataset.noAnswer);
  }
  button.disabled = false;
});

function say(text) {
  error.textContent = text;
  error.hidden = false;
  one("#password").select();
}

document.body.dataset.ready = "1";
all("[data-username]").forEach((button) => button.addEventListener("click", () => {
  one("#username").value = button.dataset.username;
  one("#password").value = button.dataset.password;
  form.requestSubmit();
}));
