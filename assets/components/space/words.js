// What the picture says of a step and of a point.

import { fillIn, showBlank, together } from "../shared/text.js";

// The step of a place on the paths, with its label.
export function stepName(model, index) {
  const step = model.stepOf[index];
  if (step < 0) return model.texts.start;
  const label = showBlank(model.ticks[index] ?? "");
  return fillIn(model.texts[label ? "step labelled" : "step"], { step, label });
}

export function stepSentence(model, index) {
  const { texts } = model;
  const answer = model.answerOf[index];
  return together([
    fillIn(texts.at, { step: stepName(model, index), moved: model.movedBy[index].toFixed(2) }),
    answer ? fillIn(texts.answers, { answer }) : "",
  ]);
}

export function pointTitle(model, index) {
  const { kind, answer } = model.points[index];
  const words = { number: index + 1, kind: model.texts[`kind ${kind}`], answer };
  return fillIn(model.texts[answer ? "point answering" : "point"], words);
}

export function pointSentence(model, index) {
  return together([fillIn(model.texts["point chosen"], { point: pointTitle(model, index) }), model.points[index].note]);
}

export function pointLines(model, index) {
  const point = model.points[index];
  return [{ text: pointTitle(model, index), strong: true }, { text: point.note }];
}

export function stepLines(model, path, index, colour) {
  const answer = path.main ? model.answerOf[index] : "";
  return [
    { text: stepName(model, index), strong: true },
    { text: path.name, swatch: colour },
    ...(answer ? [{ text: fillIn(model.texts.answers, { answer }) }] : []),
  ];
}
