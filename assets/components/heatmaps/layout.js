// Where everything goes, from the width, the height and the panels. Pure: nothing is drawn here.

import { formatTick, wrapText } from "../shared/text.js";
import { unitName } from "./payload.js";

const WIDE = 620;

const SIZES = {
  wide: { symbol: 24, title: 14, tick: 13, bar: 12, gap: 4, titleLane: 18, least: 40, lines: 116, axisRow: 17 },
  narrow: { symbol: 15, title: 13, tick: 11, bar: 8, gap: 5, titleLane: 19, least: 44, lines: 96, axisRow: 15 },
};

// measure(text, size, weight) -> width; height may be null: then panels choose theirs from the number of units.
export function computeLayout({ width, height, model, hasLines, binned, measure }) {
  const wide = width >= WIDE;
  const size = SIZES[wide ? "wide" : "narrow"];
  const { texts, panels, outputs, units } = model;
  const widest = (list, fontSize, weight) => Math.max(0, ...list.map((text) => measure(text, fontSize, weight)));

  const symbolWidth = wide ? widest(panels.map((panel) => panel.label), size.symbol, 700) + 12 : 0;
  const unitWidth = widest([unitName(model, units - 1), texts.unit], size.tick);
  const limit = wide ? 120 : 62;
  const answerNames = outputs ? (outputs.kind === "classes" ? outputs.names : outputs.span.map(formatTick)) : [];
  const nameWidth = Math.min(widest(answerNames, size.tick), limit);
  const rowNames = widest([texts.step, texts.symbol], size.tick);
  const left = Math.ceil(Math.max(symbolWidth + unitWidth, nameWidth, rowNames) + 8);
  const barLabels = panels.flatMap((panel) => panel.range).map(formatTick);
  const right = Math.ceil(size.bar + 12 + widest([...barLabels, "0.5"], size.tick));
  const plot = { left, width: Math.max(width - left - right, 30) };

  const room = width - plot.left;
  const titles = panels.map(({ title, label }) => {
    const indent = wide ? 0 : measure(label, size.symbol, 700) + 17;
    return { indent, lines: wrapText(title, room - indent, (text) => measure(text, size.title, 600)) };
  });
  const hintsFit =
    wide && panels.every(({ title, hint }) => measure(title, size.title, 600) + 14 + measure(hint, size.title) <= room);

  const key = !outputs || outputs.kind === "classes" ? [texts.target] : [...outputs.names, texts.target];
  const keyWidth = key.reduce((sum, name) => sum + measure(name, size.title) + 41, 0);
  const noteRoom = outputs ? room - measure(texts.output, size.title, 600) - 14 - keyWidth : 0;
  const noteFits = !outputs || measure(outputs.note, size.title) <= noteRoom;

  const linesHeight = hasLines ? size.titleLane + size.lines + size.gap : 0;
  const outputRows = outputs?.kind === "classes" ? outputs.names.length : 0;
  const outputHeight = !outputs ? 0 : outputRows ? Math.min(Math.max(outputRows * (outputRows > 5 ? 12 : 14), 20), 100) : 56;
  const outputLane = outputs ? size.titleLane + size.gap : 0;
  const axisHeight = size.axisRow * 2 + 6;
  const noteHeight = binned ? size.axisRow + 2 : 0;
  const fixed =
    titles.reduce((sum, { lines }) => sum + lines.length * size.titleLane + size.gap, 0) + linesHeight + outputHeight + outputLane + axisHeight + noteHeight;
  const wanted = Math.min(Math.max(units * 5, wide ? 84 : 64), 140);
  const share = height ? Math.floor((height + linesHeight - fixed) / panels.length) : wanted;
  const panelHeight = evenRows(Math.max(share, size.least), units);

  let y = 0;
  const places = titles.map((title) => {
    const lane = title.lines.length * size.titleLane;
    const place = { ...title, title: y + size.titleLane - 5, top: y + lane, height: panelHeight };
    y += lane + panelHeight + size.gap;
    return place;
  });
  const lane = (inner) => {
    const place = { title: y + size.titleLane - 5, top: y + size.titleLane, height: inner };
    y += size.titleLane + inner + size.gap;
    return place;
  };
  const lines = hasLines ? lane(size.lines) : null;
  const answers = outputs ? lane(outputHeight) : null;
  const axis = { top: y - size.gap + 2, height: axisHeight, symbols: y + size.axisRow - 4, steps: y + 2 * size.axisRow - 4 };
  y = axis.top + axisHeight;
  const note = binned ? { baseline: y + size.axisRow - 5 } : null;
  y += noteHeight;
  return { width, height: y, wide, size, plot, panels: places, lines, outputs: answers, axis, note, hintsFit, noteFits };
}

// A height in which every unit's row has the same number of pixels, if that costs little.
function evenRows(height, units) {
  const even = Math.floor(height / units) * units;
  return even >= height * 0.88 ? even : height;
}

export function stepToX(layout, window, step) {
  return layout.plot.left + ((step - window.from) / (window.to - window.from)) * layout.plot.width;
}

export function xToStep(layout, window, x) {
  return window.from + ((x - layout.plot.left) / layout.plot.width) * (window.to - window.from);
}
