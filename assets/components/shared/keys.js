// The keys of a picture: what they do is a table of the picture's own, when they are its is decided here.

// How keys are named to those who cannot see what a picture answers to (WAI-ARIA, aria-keyshortcuts).
const SPOKEN = { " ": "Space", "+": "Plus" };

// Streamlit listens on the document: r would rerun the app and c offer to clear its cache.
export function keepKeys(event) {
  if (event.key === "r" || event.key === "c") event.stopPropagation();
}

// Says on what takes the focus which keys it answers to.
export function tellKeys(node, keys) {
  node.setAttribute("aria-keyshortcuts", keys.map((key) => SPOKEN[key] ?? key).join(" "));
}

// Closes the menu for saving; who was in it is back at what opened it.
export function closeMenu({ saveBox, saveWord }) {
  if (!saveBox.open) return;
  const within = saveBox.contains(saveBox.getRootNode().activeElement);
  saveBox.open = false;
  if (within) saveWord.focus();
}

// Every key of `keys` (event.key -> action) calls picture.act(action), unless a chooser or a button wants it.
// `node` is where they are told: what takes the focus of the picture.
export function wireKeys(picture, keys, node = picture.nodes.stage) {
  tellKeys(node, Object.keys(keys));
  picture.root.onkeydown = (event) => {
    keepKeys(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (event.key === "Escape") closeMenu(picture.nodes);
    const choosing = target.closest("select, details");
    if (choosing || (target.closest("button") && (event.key === " " || event.key === "Enter"))) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    picture.act(action);
  };
}
