// A dialog with a form that is sent, and stays open with the sentence that refused it.
import { fill, one } from "../dom.js";

/** Open `dialog`; on Save `send()` is called, then `done()`; what it throws is said in the dialog. */
export function saveWith(dialog, send, done) {
  const form = one("form", dialog);
  const wrong = one(".problem", dialog);
  wrong.hidden = true;
  form.onsubmit = async (event) => {
    if (event.submitter?.value !== "save") return;
    event.preventDefault();
    try {
      await send();
      dialog.close();
      await done();
    } catch (problem) {
      fill(wrong, [problem.message, problem.nextStep].filter(Boolean).join(" ")).hidden = false;
    }
  };
  dialog.showModal();
}
