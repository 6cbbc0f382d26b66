// Saves the picture as it is seen: drawing, equations and time line with their title, as SVG or PNG.

import { download } from "../shared/files.js";
import { CanvasSurface, SvgSurface } from "../shared/surface.js";
import { drawCursorMark, drawStrips } from "./strips.js";
import { svg } from "./svg.js";

const EDGE = 16;
const TITLE = 44;

function cellSheet(cell) {
  const { painter, nodes, model } = cell;
  const { layout, strips, theme } = painter;
  const cards = [...nodes.equations.querySelectorAll(".card")].map((card) => [...card.children].map((line) => line.innerText.replace(/\s+/g, " ").trim()));
  const lines = nodes.equations.hidden ? [] : cards.flat();
  const width = layout.width + 2 * EDGE;
  const textHeight = lines.length * 22 + 12;
  const height = TITLE + layout.height + textHeight + strips.height + 48;
  const ruler = new CanvasSurface(document.createElement("canvas"), theme.font);
  const surface = new SvgSurface(width, height, ruler);
  surface.root.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg("title", {}, surface.root).textContent = model.texts.picture_title;
  svg("desc", {}, surface.root).textContent = nodes.sentence.textContent;
  surface.rect(0, 0, width, height, { fill: theme.paper });
  surface.text(model.texts.picture_title, EDGE, 28, { size: 20, weight: 650, colour: theme.text });
  const drawing = nodes.drawing.cloneNode(true);
  drawing.setAttribute("x", EDGE);
  drawing.setAttribute("y", TITLE);
  const hidden = cell.chosen.depth === "box" ? ".inner" : ".black-box";
  for (const node of drawing.querySelectorAll(`${hidden}, .hit, [data-grip]`)) node.remove();
  surface.root.append(drawing);
  let y = TITLE + layout.height + 24;
  for (const line of lines) {
    surface.text(line, EDGE, y, { size: 15, colour: theme.text });
    y += 22;
  }
  surface.parent = surface.element("g", { transform: `translate(${EDGE} ${y - 8})` }, surface.root);
  drawStrips(surface, painter.stripScene);
  drawCursorMark(surface, painter.stripScene, cell.t, cell.chosen.unit, model.units);
  surface.parent = surface.root;
  surface.text(nodes.sentence.textContent, EDGE, height - 16, { size: 15, colour: theme.text });
  return { text: surface.toString(), width, height };
}

export async function saveCell(cell, kind) {
  const { text, width, height } = cellSheet(cell);
  const name = `${cell.model.filename}.${kind}`;
  if (kind === "svg") {
    download(new Blob([text], { type: "image/svg+xml" }), name);
    return;
  }
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  const context = canvas.getContext("2d");
  context.scale(2, 2);
  context.drawImage(image, 0, 0, width, height);
  canvas.toBlob((blob) => download(blob, name), "image/png");
}
