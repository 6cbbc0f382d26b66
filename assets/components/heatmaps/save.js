// Saves what is seen, with its title: drawn again by the same code, larger (PNG) or as shapes and text (SVG).

import { drawCursor, drawPicture, drawSelection } from "./picture.js";
import { CanvasSurface, SvgSurface } from "./surface.js";

const TITLE_HEIGHT = 40;
const EDGE = 14;

function drawSheet(surface, scene, title) {
  const { theme, layout } = scene;
  surface.rect(0, 0, layout.width + 2 * EDGE, layout.height + TITLE_HEIGHT + EDGE, { fill: theme.paper });
  surface.text(title, EDGE, 26, { size: 18, weight: 650, colour: theme.text });
}

function drawContent(surface, scene) {
  drawPicture(surface, scene);
  drawSelection(surface, scene);
  drawCursor(surface, scene, false);
}

function sheetSize({ layout }) {
  return [layout.width + 2 * EDGE, layout.height + TITLE_HEIGHT + EDGE];
}

export function savePng(scene, title, filename) {
  const [width, height] = sheetSize(scene);
  const scale = Math.max(2, scene.scale);
  const surface = new CanvasSurface(document.createElement("canvas"), scene.theme.font);
  surface.begin(width, height, scale);
  drawSheet(surface, scene, title);
  surface.context.translate(EDGE, TITLE_HEIGHT);
  drawContent(surface, scene);
  surface.canvas.toBlob((blob) => download(blob, `${filename}.png`), "image/png");
}

export function saveSvg(scene, title, filename, summary) {
  const [width, height] = sheetSize(scene);
  const ruler = new CanvasSurface(document.createElement("canvas"), scene.theme.font);
  const surface = new SvgSurface(width, height, ruler);
  surface.element("title", {}, surface.root).textContent = title;
  surface.element("desc", {}, surface.root).textContent = summary;
  drawSheet(surface, scene, title);
  surface.parent = surface.element("g", { transform: `translate(${EDGE} ${TITLE_HEIGHT})` }, surface.root);
  drawContent(surface, scene);
  download(new Blob([surface.toString()], { type: "image/svg+xml" }), `${filename}.svg`);
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has read the address by the next second; until then it must stay valid.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
