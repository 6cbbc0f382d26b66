// The keys of a picture: what they do is a table of the picture's own, when they are its is decided here.

// Streamlit listens on the document: r would rerun the app and c offer to clear its cache.
export function keepKeys(event) {
  if (event.key === "r" || event.key === "c") event.stopPropagation();
}

// Every key of `keys` (event.key -> action) calls picture.act(action), unless a chooser or a button wants it.
export function wireKeys(picture, keys) {
  picture.root.onkeydown = (event) => {
    keepKeys(event);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (event.key === "Escape") picture.nodes.saveBox.open = false;
    const choosing = target.closest("select, details");
    if (choosing || (target.closest("button") && (event.key === " " || event.key === "Enter"))) return;
    const action = keys[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    picture.act(action);
  };
}
