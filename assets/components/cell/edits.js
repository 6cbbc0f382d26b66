// What a person changed: a list that can be undone, redone and put into a link. gru_core/edits.py reads the same
// text, which is edits joined by ~, their parts by _ (all units are "a", some "0.3-5.7"):
//   Z2_9_0.3-5_1, Z2_9_a_1_0.5     gate R or Z, first step, step after the last, units, value, blend if it is not 1
//   x4_0_-1.5                      step, input, value
//   s4_2                           step, number of the symbol
//   whr_3_0_0.25                   name of the weight, row, column, value; a bias has row 0
//   h3_0.5                         unit of the state before the first step, value

import { BIASES, INPUT_WEIGHTS, STATE_WEIGHTS } from "./engine.js";

// What a hand does is rounded to so many digits before it is used, so that links are short and give what was seen.
const DIGITS = 6;
const WHOLE = "(\\d{1,6})";
const NUMBER = "(-?\\d{1,20}(?:\\.\\d{1,20})?(?:e-?\\d{1,3})?)";
const UNITS = "(a|\\d{1,6}(?:-\\d{1,6})?(?:\\.\\d{1,6}(?:-\\d{1,6})?)*)";

const READERS = [
  [
    new RegExp(`^([RZ])${WHOLE}_${WHOLE}_${UNITS}_${NUMBER}(?:_${NUMBER})?$`),
    ([gate, first, stop, units, value, blend]) => ({
      kind: "gate",
      gate,
      steps: [Number(first), Number(stop)],
      units: readUnits(units),
      value: Number(value),
      blend: Number(blend ?? 1),
    }),
  ],
  [
    new RegExp(`^x${WHOLE}_${WHOLE}_${NUMBER}$`),
    ([step, index, value]) => ({ kind: "x", step: Number(step), index: Number(index), value: Number(value) }),
  ],
  [new RegExp(`^s${WHOLE}_${WHOLE}$`), ([step, symbol]) => ({ kind: "symbol", step: Number(step), symbol: Number(symbol) })],
  [
    new RegExp(`^w([xh][rzh]|b[rzh]|bhh)_${WHOLE}_${WHOLE}_${NUMBER}$`),
    ([name, row, col, value]) => ({ kind: "weight", name, row: Number(row), col: Number(col), value: Number(value) }),
  ],
  [new RegExp(`^h${WHOLE}_${NUMBER}$`), ([unit, value]) => ({ kind: "h0", unit: Number(unit), value: Number(value) })],
];

// Ranges stay ranges until the number of units is known, or a short text could ask for much memory.
function readUnits(text) {
  if (text === "a") return "all";
  return text.split(".").map((part) => {
    const [first, last] = part.split("-").map(Number);
    return [first, last ?? first];
  });
}

function spread(ranges, units) {
  const chosen = new Set();
  for (const [first, last] of ranges) {
    if (first > last || last >= units) return null;
    for (let unit = first; unit <= last; unit += 1) chosen.add(unit);
  }
  return [...chosen].sort((one, other) => one - other);
}

function writeUnits(units) {
  if (units === "all") return "a";
  const ranges = [];
  for (const unit of units) {
    const last = ranges.at(-1);
    if (last && unit === last[1] + 1) last[1] = unit;
    else ranges.push([unit, unit]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(".");
}

function writeNumber(value) {
  return String(value).replace("e+", "e");
}

export function writeEdit(edit) {
  const { kind, gate, steps, units, value, blend, step, index, symbol, name, row, col, unit } = edit;
  if (kind === "gate") {
    const parts = [`${gate}${steps[0]}`, steps[1], writeUnits(units), writeNumber(value)];
    return (blend === 1 ? parts : [...parts, writeNumber(blend)]).join("_");
  }
  if (kind === "x") return `x${step}_${index}_${writeNumber(value)}`;
  if (kind === "symbol") return `s${step}_${symbol}`;
  if (kind === "weight") return `w${name}_${row}_${col}_${writeNumber(value)}`;
  return `h${unit}_${writeNumber(value)}`;
}

function rounded(value) {
  // + 0 makes the zero that has a sign the one that has none.
  return Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) + 0 : value;
}

// What an edit changes, without the value it changes it to: two edits of one drag agree in this.
function targetOf(edit) {
  return writeEdit({ ...edit, value: 0, symbol: 0, blend: 1 });
}

export class Edits {
  // `rows`: the input of each symbol one after the other, or null where a symbol is one-hot; `symbols` how many there
  // are, 0 where the input has none. `limits`: { edits, characters, value }.
  constructor(engine, { symbols = 0, rows = null, limits }) {
    Object.assign(this, { engine, symbols, rows, limits });
    // Groups that are undone as one: { drag, entries: [{ edit, restore }] }.
    this.groups = [];
    this.undone = [];
  }

  get list() {
    return this.groups.flatMap(({ entries }) => entries.map(({ edit }) => edit));
  }

  get canUndo() {
    return this.groups.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  // The edit with its units in order, or null where it makes no sense here.
  checked(edit) {
    const { engine, symbols, limits } = this;
    const { steps, inputs, units } = engine;
    const within = (value, size) => Number.isInteger(value) && value >= 0 && value < size;
    const finite = (value) => Number.isFinite(value) && Math.abs(value) <= limits.value;
    const { value } = edit;
    if (edit.kind === "gate") {
      const [first, stop] = edit.steps;
      const blend = edit.blend ?? 1;
      const chosen = this.chosenUnits(edit.units);
      const open = (share) => share >= 0 && share <= 1;
      const fits = within(first, steps) && within(stop - 1, steps) && first < stop && open(value) && open(blend);
      if (!fits || !chosen || !["R", "Z"].includes(edit.gate)) return null;
      return { kind: "gate", gate: edit.gate, steps: [first, stop], units: chosen, value, blend };
    }
    if (edit.kind === "x") {
      const { step, index } = edit;
      return within(step, steps) && within(index, inputs) && finite(value) ? { kind: "x", step, index, value } : null;
    }
    if (edit.kind === "symbol") {
      const { step, symbol } = edit;
      return within(step, steps) && within(symbol, symbols) ? { kind: "symbol", step, symbol } : null;
    }
    if (edit.kind === "weight") {
      const { name, row, col } = edit;
      const fits = within(row, this.rowsOf(name)) && within(col, units) && finite(value);
      return fits ? { kind: "weight", name, row, col, value } : null;
    }
    if (edit.kind === "h0") return within(edit.unit, units) && finite(value) ? { kind: "h0", unit: edit.unit, value } : null;
    return null;
  }

  // Rows of a weight; 0 for a name that this layer does not have.
  rowsOf(name) {
    const { engine } = this;
    if (Object.hasOwn(INPUT_WEIGHTS, name)) return engine.inputs;
    if (Object.hasOwn(STATE_WEIGHTS, name)) return engine.units;
    return Object.hasOwn(BIASES, name) || (name === "bhh" && engine.resetMode === "after") ? 1 : 0;
  }

  chosenUnits(units) {
    const { engine } = this;
    if (units === "all") return units;
    if (!Array.isArray(units) || !units.length) return null;
    const ranges = units.map((part) => (Array.isArray(part) ? part : [part, part]));
    if (!ranges.flat().every((unit) => Number.isInteger(unit) && unit >= 0)) return null;
    const chosen = spread(ranges, engine.units);
    return chosen?.length === engine.units ? "all" : chosen;
  }

  // Makes an edit; the first step that it may change, or null where it is refused: it makes no sense here, or there
  // would be more than a link holds. Edits with the same `drag` are undone as one, and the later value of the same
  // place replaces the earlier one.
  add(edit, drag = null) {
    const { value, blend } = edit;
    return this.make(this.checked({ ...edit, value: rounded(value), blend: rounded(blend) }), drag);
  }

  // Makes a checked edit, null for none.
  make(wanted, drag) {
    if (!wanted) return null;
    const open = this.groups.at(-1);
    const group = drag !== null && open?.drag === drag ? open : { drag, entries: [] };
    const target = targetOf(wanted);
    const same = group.entries.findIndex((entry) => targetOf(entry.edit) === target);
    if (same < 0 && this.list.length >= this.limits.edits) return null;
    const length = this.pack().length + writeEdit(wanted).length + 1;
    const freed = same < 0 ? 0 : writeEdit(group.entries[same].edit).length + 1;
    if (length - freed > this.limits.characters) return null;
    this.undone = [];
    if (group !== open) this.groups.push(group);
    const later = same < 0 ? [] : group.entries.slice(same + 1).map((entry) => entry.edit);
    const first = same < 0 ? null : this.revert(group.entries.splice(same));
    const steps = [...later, wanted].map((each) => this.apply(group, each));
    return this.earliest([first, ...steps]);
  }

  undo() {
    const group = this.groups.pop();
    if (!group) return null;
    this.undone.push(group);
    return this.revert(group.entries);
  }

  redo() {
    const group = this.undone.pop();
    if (!group) return null;
    const again = { drag: group.drag, entries: [] };
    this.groups.push(again);
    return this.earliest(group.entries.map(({ edit }) => this.apply(again, edit)));
  }

  // Everything as it was; what was done can be had again by redo.
  clear() {
    const steps = [];
    while (this.groups.length) steps.push(this.undo());
    return this.earliest(steps);
  }

  pack() {
    return this.list.map(writeEdit).join("~");
  }

  // The edits of a text, or null where one of them cannot be read or makes no sense here.
  unpack(text) {
    if (typeof text !== "string" || text.length > this.limits.characters) return null;
    const parts = text ? text.split("~") : [];
    if (parts.length > this.limits.edits) return null;
    const found = parts.map((part) => {
      for (const [pattern, read] of READERS) {
        const match = pattern.exec(part);
        if (match) return this.checked(read(match.slice(1)));
      }
      return null;
    });
    return found.includes(null) ? null : found;
  }

  // Puts the edits of a text in place of those that are; false, and nothing changed, where it cannot be read.
  load(text) {
    const found = this.unpack(text);
    if (!found) return false;
    this.clear();
    this.undone = [];
    for (const edit of found) this.make(edit, null);
    return true;
  }

  // Makes an edit and keeps how to take it back: the very numbers that stood there.
  apply(group, edit) {
    const { engine } = this;
    let restore;
    let first;
    if (edit.kind === "gate") [first, restore] = this.applyGate(edit);
    else if (edit.kind === "x") {
      const before = engine.X[edit.step * engine.inputs + edit.index];
      restore = () => engine.setX(edit.step, edit.index, before);
      first = engine.setX(edit.step, edit.index, edit.value);
    } else if (edit.kind === "symbol") {
      const at = edit.step * engine.inputs;
      const before = engine.X.slice(at, at + engine.inputs);
      restore = () => engine.setRow(edit.step, before);
      first = engine.setRow(edit.step, this.rowOf(edit.symbol));
    } else if (edit.kind === "weight") {
      const { name, row, col } = edit;
      const before = engine.weights[name][row * engine.units + col];
      restore = () => engine.setWeight(name, row, col, before);
      first = engine.setWeight(name, row, col, edit.value);
    } else {
      const before = engine.H0[edit.unit];
      restore = () => engine.setH0(edit.unit, before);
      first = engine.setH0(edit.unit, edit.value);
    }
    group.entries.push({ edit, restore });
    return first;
  }

  // As the overrides of gru_core: on top of what holds the gate already, (1 - blend) * that + blend * value.
  applyGate({ gate, steps: [from, to], units, value, blend }) {
    const { engine } = this;
    const was = engine.held[gate];
    const [low, high] = [from * engine.units, to * engine.units];
    const saved = was && { value: was.value.slice(low, high), blend: was.blend.slice(low, high) };
    const chosen = units === "all" ? Array.from({ length: engine.units }, (_, unit) => unit) : units;
    for (let t = from; t < to; t += 1) {
      for (const unit of chosen) {
        const at = t * engine.units + unit;
        const [oldValue, oldBlend] = was ? [was.value[at], was.blend[at]] : [0, 0];
        const both = blend === 1 ? 1 : 1 - (1 - blend) * (1 - oldBlend);
        const mixed = blend === 1 || both === 0 ? value : ((1 - blend) * oldBlend * oldValue + blend * value) / both;
        engine.setHeld(gate, t, unit, mixed, both);
      }
    }
    const first = engine.reverse ? to - 1 : from;
    const restore = () => {
      if (saved) {
        was.value.set(saved.value, low);
        was.blend.set(saved.blend, low);
      } else engine.held[gate] = null;
      return engine.mark(first);
    };
    return [engine.mark(first), restore];
  }

  rowOf(symbol) {
    const { inputs } = this.engine;
    if (this.rows) return this.rows.subarray(symbol * inputs, (symbol + 1) * inputs);
    const row = new Float64Array(inputs);
    row[symbol] = 1;
    return row;
  }

  // Takes entries back, the last one first.
  revert(entries) {
    return this.earliest([...entries].reverse().map(({ restore }) => restore()));
  }

  // The first of some steps in the order of reading; null where there are none.
  earliest(steps) {
    const { engine } = this;
    const places = steps.filter((t) => t !== null).map((t) => engine.place(t));
    return places.length ? engine.place(Math.min(...places)) : null;
  }
}
