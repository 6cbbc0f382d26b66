// The sentence under the picture and the notes on conventions, filled with numbers of the engine.

import { CARRIERS } from "./ripple.js";
import { fillIn, formatValue, showBlank, together } from "../shared/text.js";

export function whereInCell(model, step) {
  const label = model.labels[step - model.first];
  if (label === undefined || label === "") return fillIn(model.texts.where_step, { step });
  return fillIn(model.texts.where_symbol, { step, symbol: showBlank(label) });
}

const whole = (share) => Math.round(share * 100);

function answerAt({ readout, texts }, engine, t) {
  if (!readout) return null;
  const values = engine.Y.subarray(t * readout.outputs, (t + 1) * readout.outputs);
  if (readout.kind === "numbers") return fillIn(texts.answer_number, { name: readout.names[0], value: formatValue(values[0], 3) });
  let best = 0;
  values.forEach((value, at) => value > values[best] && (best = at));
  return fillIn(texts.answer_class, { name: readout.names[best], percent: whole(values[best]) });
}

// `numbers` are those of the step, undisturbed by any tween.
export function cellSentence({ model, engine, chosen, t, state, held }) {
  const { texts } = model;
  const where = whereInCell(model, chosen.step);
  if (chosen.depth === "box") {
    let kept = 0;
    for (let i = 0; i < model.units; i += 1) kept += engine.Z[t * model.units + i];
    const facts = { where, inputs: model.inputs, units: model.units, percent: whole(kept / model.units), answer: answerAt(model, engine, t) };
    return fillIn(facts.answer ? texts.sentence_box : texts.sentence_box_plain, facts);
  }
  const facts = {
    where,
    unit: chosen.unit,
    keep: whole(state.z),
    write: 100 - whole(state.z),
    old: formatValue(state.previous, 2),
    candidate: formatValue(state.candidate, 2),
    new: formatValue(state.state, 2),
  };
  return fillIn(held ? texts.sentence_unit_held : texts.sentence_unit, facts);
}

// How far the state is from that before the changes, and what carried it.
export function rippleSentence({ model, chosen, carried, t }) {
  const { texts } = model;
  const where = whereInCell(model, chosen.step);
  const all = CARRIERS.reduce((sum, name) => sum + carried.sizes[name][t], 0);
  if (all < 1e-9) return fillIn(texts.sentence_ripple_none, { where });
  const shares = Object.fromEntries(CARRIERS.map((name) => [name, whole(carried.sizes[name][t] / all)]));
  return fillIn(texts.sentence_ripple, { where, size: formatValue(carried.size[t], 2), ...shares });
}

// What is said of the names that were chosen; "" where they are the ones of this app and this model.
export function conventionNote({ model, chosen, renamed, other, t }) {
  const { texts } = model;
  const notes = [];
  if (model.touch === "large") notes.push(texts.note_large);
  if (model.touch === "long") notes.push(fillIn(texts.note_long, { steps: model.steps, total: model.total }));
  if (chosen.z_means === "updates" && renamed !== null) {
    notes.push(fillIn(renamed === 0 ? texts.note_updates_exact : texts.note_updates, { apart: scientific(renamed) }));
  }
  if (chosen.shows_reset === "other" && other) {
    const at = t * model.units + chosen.unit;
    notes.push(
      fillIn(texts.note_other_reset, {
        unit: chosen.unit,
        own: formatValue(other.own[at], 2),
        other: formatValue(other.H[at], 2),
        apart: formatValue(other.apart, 2),
        step: other.step + model.first,
      }),
    );
  }
  return together(notes);
}

function scientific(value) {
  const [digits, power] = value.toExponential(0).split("e");
  const raised = [...power.replace("-", "−").replace("+", "")].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789−".indexOf(sign)]).join("");
  return `${digits}·10${raised}`;
}
