// Sentences and numbers computed from what is drawn.

import { fillIn, formatValue, showBlank } from "../shared/text.js";

export function scoreText(model, score) {
  if (!Number.isFinite(score)) return model.texts.unknown;
  if (!model.percent) return formatValue(score, 2);
  return fillIn(model.texts.percent, { n: formatValue(score * 100, 1).replace(/\.0$/, "") });
}

export function lossText(model, loss) {
  if (!Number.isFinite(loss)) return model.texts.unknown;
  if (loss !== 0 && Math.abs(loss) < 0.001) return loss.toExponential(1).replace("e-", "e−");
  return formatValue(loss, loss < 10 ? 3 : 1);
}

// Three decimals of a byte over the locked range; the cell state runs beyond its range, which its ends say.
export function cellText(model, panel, whole) {
  const [low, high] = model.panels[panel].range;
  const text = formatValue(low + (whole / 255) * (high - low), 2);
  if (!model.panels[panel].open || (whole > 0 && whole < 255)) return text;
  return whole === 255 ? `≥ ${text}` : `≤ ${text}`;
}

// Mean of a panel of a frame.
export function panelMean(model, frame, panel) {
  const cells = model.units * model.steps;
  const [low, high] = model.panels[panel].range;
  let sum = 0;
  for (let at = panel * cells; at < (panel + 1) * cells; at += 1) sum += frame.values[at];
  return low + (sum / cells / 255) * (high - low);
}

export function filmSentence(film, frame) {
  const { model, curves } = film;
  const { texts, updates } = model;
  const at = film.pointAt(frame.update);
  const facts = {
    update: frame.update,
    updates,
    score: scoreText(model, curves.score[at]),
    chance: scoreText(model, model.chance),
    loss: lossText(model, curves.loss[at]),
  };
  const means = model.panels
    .map(({ scale, label }, panel) => ({ scale, label, panel }))
    .filter(({ scale }) => scale === "gate")
    .map(({ label, panel }) => fillIn(texts.mean, { label, value: formatValue(panelMean(model, frame, panel), 2) }));
  if (!means.length) return fillIn(texts["sentence without gates"], facts);
  return fillIn(texts.sentence, { ...facts, means: means.join(texts.comma) });
}

// The four numbers of the curves at a measured update.
export function curveLines(film, at) {
  const { model, curves } = film;
  const { texts } = model;
  const row = (text, value) => ({ text, value });
  return [
    { text: fillIn(texts["where update"], { update: curves.update[at] }), strong: true },
    row(texts["held-out loss"], lossText(model, curves.loss[at])),
    row(texts["training loss"], lossText(model, curves.train_loss[at])),
    row(texts["held-out score"], scoreText(model, curves.score[at])),
    row(texts["training score"], scoreText(model, curves.train_score[at])),
  ];
}

// A unit at a step in every panel.
export function cellLines(film, frame, unit, step) {
  const { model, panels } = film;
  const symbol = showBlank(model.ticks[step]);
  const name = film.hasSymbols ? "where symbol" : "where step";
  const lines = [
    { text: fillIn(model.texts[name], { step, symbol }), strong: true },
    { text: `${model.texts.unit} ${unit}` },
  ];
  return lines.concat(
    panels.map(({ label, ink, colourAt }, panel) => {
      const whole = frame.values[(panel * model.units + unit) * model.steps + step];
      return { text: label, ink, swatch: colourAt(whole), value: cellText(model, panel, whole) };
    }),
  );
}

export function binLines(film, frame, gate, bin) {
  const { model, panels } = film;
  const shares = frame.shares[gate];
  const [low, high] = [bin / shares.length, (bin + 1) / shares.length].map((edge) => formatValue(edge, 2));
  const share = formatValue(shares[bin] * 100, 1);
  return [
    { text: fillIn(model.texts.bin, { gate: panels[gate].label, low, high }), strong: true },
    { text: model.texts["share of values"], value: fillIn(model.texts.percent, { n: share }) },
  ];
}
