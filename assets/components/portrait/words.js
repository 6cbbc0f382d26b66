// The portrait in words, as it is now: what is read, what rests, and what the gates do to the arrows.

import { make } from "../shared/dom.js";
import { fillIn, formatValue, showBlank, together } from "../shared/text.js";

export function placeText([a, b], digits = 2) {
  return `(${formatValue(a, digits)}, ${formatValue(b, digits)})`;
}

export function complexText({ re, im }) {
  if (Math.abs(im) < 1e-9) return formatValue(re, 2);
  return `${formatValue(re, 2)} ${im > 0 ? "+" : "−"} ${formatValue(Math.abs(im), 2)}i`;
}

export function stepLabel(model, t) {
  const label = model.labels[t] ?? "";
  return label === "" || label === String(model.first + t) ? "" : showBlank(label);
}

export function inputText(picture) {
  const { model, chosen, t } = picture;
  const { texts } = model;
  if (chosen.input.startsWith("symbol.")) return fillIn(texts["reads symbol"], { label: showBlank(model.symbols[Number(chosen.input.slice(7))]) });
  if (chosen.input !== "step") return texts[`reads ${chosen.input}`];
  const label = stepLabel(model, t);
  return fillIn(texts[label === "" ? "reads step" : "reads step labelled"], { step: chosen.step, label });
}

// How many of each kind; stated for one alone by its kind.
export function pointsText({ model, points, kept }) {
  const { texts } = model;
  if (kept.every(Boolean)) return texts.kept;
  if (kept.some(Boolean)) return fillIn(texts["kept one"], { unit: kept.indexOf(true) });
  if (points.length === 1) return fillIn(texts["one point"], { place: placeText(points[0].h), kind: texts[kindOf(points[0])] });
  const count = (kind) => points.filter(({ stability }) => stability === kind).length;
  return fillIn(texts["points"], { count: points.length, stable: count("stable"), saddle: count("saddle"), unstable: count("unstable") });
}

export function kindOf({ stability, turns, flips }) {
  if (stability === "stable" && turns) return "stable turns";
  if (stability === "unstable" && turns) return "unstable turns";
  return stability === "stable" && flips ? "stable flips" : stability;
}

export function portraitSentence(picture) {
  return together([fillIn(picture.model.texts.sentence, { input: inputText(picture), points: pointsText(picture) })]);
}

// What holding the gates does to the arrows, by the identity H_t - H_{t-1} = (1 - Z)(H~ - H_{t-1}).
export function gatesText({ model, held, kept }) {
  const { texts } = model;
  const parts = [];
  const whole = (gate) => held[gate].keep.every((share) => share === 0);
  const [z0, z1] = held.Z.force;
  if (kept.every(Boolean)) return "";
  if (whole("Z") && z0 === z1) parts.push(fillIn(texts["z same"], { z: formatValue(z0, 2), share: formatValue(1 - z0, 2) }));
  else if (whole("Z")) parts.push(fillIn(texts["z apart"], { first: formatValue(1 - z0, 2), second: formatValue(1 - z1, 2) }));
  else parts.push(texts["z free"]);
  const [r0, r1] = held.R.force;
  if (whole("R") && r0 === 0 && r1 === 0) parts.push(texts["r closed"]);
  return together(parts);
}

export function fillPoints(list, { model, points }) {
  const { texts } = model;
  const wanted = JSON.stringify(points.map(({ h, eigenvalues }) => [placeText(h), eigenvalues.map(complexText)]));
  if (list.dataset.points === wanted) return;
  list.dataset.points = wanted;
  list.replaceChildren(
    ...points.map((point) => {
      const item = make("li", "point");
      item.dataset.stability = point.stability;
      const [first, second] = point.eigenvalues.map(complexText);
      const words = fillIn(texts["point row"], { place: placeText(point.h), kind: texts[kindOf(point)] });
      item.append(make("span", "mark"), make("span", "words", words), make("span", "values", fillIn(texts.eigenvalues, { first, second })));
      return item;
    }),
  );
}
