// Icons of buttons, drawn in a square of 16.

const ICONS = {
  first: "M3 3h2v10H3zM13 3v10L6 8z",
  back: "M11 3v10L4 8z",
  play: "M4 2.5v11L13.5 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  forward: "M5 3v10l7-5z",
  last: "M11 3h2v10h-2zM3 3v10l7-5z",
  "zoom in": "M7 2h2v5h5v2H9v5H7V9H2V7h5z",
  "zoom out": "M2 7h12v2H2z",
  "zoom reset": "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
  save: "M7 2h2v6h3l-4 4-4-4h3zM2 13h12v1.5H2z",
  undo: "M6 2v3.2h3.5a4.4 4.4 0 0 1 0 8.8H5v-2h4.5a2.4 2.4 0 0 0 0-4.8H6v3.2L1.2 6.2z",
  redo: "M10 2v3.2H6.5a4.4 4.4 0 0 0 0 8.8H11v-2H6.5a2.4 2.4 0 0 1 0-4.8H10v3.2l4.8-4.2z",
  reset: "M8 2.5a5.5 5.5 0 1 1-5.3 7h2.1A3.5 3.5 0 1 0 8 4.5V7L3.8 3.5 8 0z",
  close: "M3.5 2.4 8 6.9l4.5-4.5 1.1 1.1L9.1 8l4.5 4.5-1.1 1.1L8 9.1l-4.5 4.5-1.1-1.1L6.9 8 2.4 3.5z",
};

export function setIcon(button, name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  icon.appendChild(path);
  button.replaceChildren(icon);
}
