// Saves a picture with its title: drawn again by the same lines, larger (PNG) or as shapes and text (SVG).
// A sheet is { width, height, theme, scale, title, summary, filename, draw(surface) }, draw with its origin at the
// picture's corner.

import { download } from "./files.js";
import { CanvasSurface, SvgSurface } from "./surface.js";

const TITLE_HEIGHT = 40;
const EDGE = 14;

function sizeOf({ width, height }) {
  return [width + 2 * EDGE, height + TITLE_HEIGHT + EDGE];
}

function drawPaper(surface, sheet) {
  surface.rect(0, 0, ...sizeOf(sheet), { fill: sheet.theme.paper });
  surface.text(sheet.title, EDGE, 26, { size: 18, weight: 650, colour: sheet.theme.text });
}

export function savePng(sheet) {
  const surface = new CanvasSurface(document.createElement("canvas"), sheet.theme.font);
  surface.begin(...sizeOf(sheet), Math.max(2, sheet.scale));
  drawPaper(surface, sheet);
  surface.context.translate(EDGE, TITLE_HEIGHT);
  sheet.draw(surface);
  surface.canvas.toBlob((blob) => download(blob, `${sheet.filename}.png`), "image/png");
}

export function saveSvg(sheet) {
  const ruler = new CanvasSurface(document.createElement("canvas"), sheet.theme.font);
  const surface = new SvgSurface(...sizeOf(sheet), ruler);
  surface.element("title", {}, surface.root).textContent = sheet.title;
  surface.element("desc", {}, surface.root).textContent = sheet.summary;
  drawPaper(surface, sheet);
  surface.parent = surface.element("g", { transform: `translate(${EDGE} ${TITLE_HEIGHT})` }, surface.root);
  sheet.draw(surface);
  download(new Blob([surface.toString()], { type: "image/svg+xml" }), `${sheet.filename}.svg`);
}
