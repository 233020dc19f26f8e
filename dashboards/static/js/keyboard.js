// Keys for people who work here all day: single keys act unless the user is typing.

/** keys: {"j": () => …, "Escape": () => …}; Escape also works while typing. While `unless()` says so only Escape does. */
export function onKeys(keys, { unless = () => false } = {}) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if ((typing || unless()) && event.key !== "Escape") return;
    if (event.key === "Enter" && event.target.closest("button, a, summary")) return; // whoever has a button under the finger means it
    if (event.key.startsWith("Arrow") && event.target.closest("canvas, summary")) return; // the map moves
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    action(event);
  });
}
