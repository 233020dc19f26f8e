// A voice note: recorded by the browser where it may use the microphone, else chosen as a file of the phone's own recorder.
import { fill, h, icon } from "./dom.js";
import { _ } from "./i18n.js";

const LONGEST_S = 300;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const ENDINGS = { "audio/webm": "webm", "audio/mp4": "m4a", "audio/ogg": "ogg" };

/** {element}; onDone(file) gets each note, onProblem(words) says why there is none. */
export function voiceNote({ onDone, onProblem }) {
  const kind = KINDS.find((one) => window.MediaRecorder?.isTypeSupported(one));
  if (!kind || !navigator.mediaDevices?.getUserMedia) return { element: fromFile(onDone) };
  const button = h("button", { type: "button", class: "button big voice", "aria-pressed": "false", on: { click: () => (recorder ? recorder.stop() : begin()) } });
  let recorder = null;
  let timer = 0;
  draw();

  async function begin() {
    onProblem("");
    button.disabled = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      record(stream);
    } catch (error) {
      onProblem(error.name === "NotAllowedError" ? _("The microphone is not allowed. Allow it in the browser's settings for this page.") : _("No microphone was found."));
    } finally {
      button.disabled = false;
    }
  }

  function record(stream) {
    const parts = [];
    const began = performance.now();
    recorder = new MediaRecorder(stream, { mimeType: kind });
    recorder.addEventListener("dataavailable", ({ data }) => data.size && parts.push(data));
    recorder.addEventListener("stop", () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      recorder = null;
      draw();
      if (parts.length) onDone(fileOf(parts));
    });
    recorder.start(1000);
    draw(0);
    timer = setInterval(() => {
      const seconds = Math.floor((performance.now() - began) / 1000);
      if (seconds >= LONGEST_S) recorder?.stop();
      else draw(seconds);
    }, 500);
  }

  function draw(seconds = null) {
    const running = seconds !== null;
    button.setAttribute("aria-pressed", String(running));
    const clock = running && `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    fill(button, icon(running ? "player-stop" : "microphone"), running ? _("Stop {clock}", { clock }) : _("Voice note"));
  }
  return { element: button };
}

function fileOf(parts) {
  const [type] = KINDS.map((one) => one.split(";")[0]).filter((one) => parts[0].type.startsWith(one));
  const time = new Date().toISOString().slice(0, 19).replace(/\D/g, "");
  return new File(parts, `voice-${time}.${ENDINGS[type] ?? "webm"}`, { type: type ?? parts[0].type.split(";")[0] });
}

function fromFile(onDone) {
  const input = h("input", { type: "file", accept: "audio/*", capture: "user", class: "file", "aria-label": _("Voice note") });
  input.addEventListener("change", () => {
    for (const file of input.files) onDone(file);
    input.value = "";
  });
  return h("label", { class: "button big" }, icon("microphone"), _("Voice note"), input);
}
