// A drawer beside the map that a button opens: one is open at a time.
import { one } from "./dom.js";

/** {close(), isOpen} of #NAME-drawer with #NAME-here and #close-NAME; `panel` has focus() and clear(), makeRoom() says whether it may open. */
export function drawerOf(name, panel, makeRoom) {
  const drawer = one(`#${name}-drawer`);
  const close = () => {
    drawer.hidden = true;
    panel.clear();
  };
  one(`#close-${name}`).addEventListener("click", close);
  one(`#${name}-here`)?.addEventListener("click", () => {
    if (!makeRoom()) return;
    drawer.hidden = false;
    panel.focus();
  });
  return {
    close,
    get isOpen() {
      return !drawer.hidden;
    },
  };
}
