// The black box: what goes in, what comes out, and how many numbers each is.

import { fillIn } from "../shared/text.js";
import { arrowHead, roundedPath, svg, svgText } from "./svg.js";

export function drawBoxDepth(root, { layout, model, theme, colours }) {
  const node = svg("g", { class: "black-box", "data-symbol": "cell" }, root);
  const { frame, vectors, size } = layout;
  const { wide, grown } = layout;
  const { texts } = model;
  const [cx, cy] = [frame.x + frame.w / 2, frame.y + frame.h / 2];
  const edge = wide ? 74 * grown : 0;
  const box = { x: frame.x + edge, y: frame.y, width: frame.w - 2 * edge, height: frame.h };
  svg("rect", { ...box, rx: 18, fill: theme.boxFill, stroke: theme.frame, "stroke-width": 2 }, node);
  svgText(node, texts.box_name, cx, cy - 6 * grown, { size: wide ? 64 * grown : 44, fill: theme.text, weight: 750, anchor: "middle" });
  const counted = model.weightCount === null ? texts.box_units : texts.box_facts;
  const facts = fillIn(counted, { weights: model.weightCount?.toLocaleString(), units: model.units });
  svgText(node, facts, cx, cy + 30 * grown, { size: wide ? 19 * grown : 15, fill: theme.muted, anchor: "middle" });
  svgText(node, texts.box_same, cx, cy + 58 * grown, { size: wide ? 16 * grown : 13, fill: theme.muted, anchor: "middle" });
  const entry = (name) => vectors[name].y + vectors[name].h / 2;
  const straight = (name) => [[vectors[name].x + vectors[name].w, entry(name)], [box.x, entry(name)]];
  const out = [[box.x + box.width, entry("H")], [vectors.H.x, entry("H")]];
  const paths = layout.boxWires ?? { H_prev: straight("H_prev"), X: straight("X"), H: out };
  for (const [name, points] of Object.entries(paths)) boxWire(node, points, model.inks[name === "H_prev" ? "H" : name], name);
  const shape = (name, count, key) => {
    const box = vectors[name];
    svgText(node, fillIn(texts[key], { n: count }), box.x, box.y + box.h + (wide ? 22 * grown : 16), {
      size: size.name,
      fill: theme.muted,
    }).setAttribute("data-symbol", name);
  };
  if (wide) {
    shape("H_prev", model.units, "shape_numbers");
    shape("H", model.units, "shape_numbers");
    svgText(node, fillIn(texts.shape_numbers, { n: model.inputs }), vectors.X.x, vectors.X.y - 36 * grown, {
      size: size.name,
      fill: theme.muted,
    }).setAttribute("data-symbol", "X");
  }
  return node;
}

function boxWire(parent, points, colour, symbol) {
  const node = svg("g", { "data-symbol": symbol }, parent);
  svg("path", { d: roundedPath(points), fill: "none", stroke: colour, "stroke-width": 4 }, node);
  svg("polygon", { points: arrowHead(points, 7), fill: colour }, node);
}
