// The recurrence of one layer in one direction, in float64 and without a page: what a drag recomputes. Symbols as
// in gru_core/equations.py, Hc for H~. Arrays are row by row: a value of unit i at step t stands at t * units + i,
// a weight from row to column at row * columns + column. A layer that reads backwards keeps its input's steps.

// Multiply-adds that may be done between two frames: about 4 ms of a laptop.
export const SLICE_OPERATIONS = 4e6;

export const INPUT_WEIGHTS = { xr: "R", xz: "Z", xh: "Hc" };
export const STATE_WEIGHTS = { hr: "R", hz: "Z", hh: "Hc" };
export const BIASES = { br: "R", bz: "Z", bh: "Hc" };

const ACTIVATIONS = {
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  hard_sigmoid_fifth: (a) => Math.min(Math.max(0.2 * a + 0.5, 0), 1),
  hard_sigmoid_sixth: (a) => Math.min(Math.max(a / 6 + 0.5, 0), 1),
};

// out[row] = sum over i of rows[row, i] * vector[i]. Four rows at a time share each number of the vector; every sum
// runs in the order of i, so that the same numbers give the same bits however they are grouped.
export function multiply(rows, vector, out) {
  const size = vector.length;
  const count = out.length;
  let row = 0;
  for (; row + 4 <= count; row += 4) {
    let [a, b, c, d] = [row * size, (row + 1) * size, (row + 2) * size, (row + 3) * size];
    let sumA = 0;
    let sumB = 0;
    let sumC = 0;
    let sumD = 0;
    for (let i = 0; i < size; i += 1) {
      const value = vector[i];
      sumA += rows[a] * value;
      sumB += rows[b] * value;
      sumC += rows[c] * value;
      sumD += rows[d] * value;
      a += 1;
      b += 1;
      c += 1;
      d += 1;
    }
    out[row] = sumA;
    out[row + 1] = sumB;
    out[row + 2] = sumC;
    out[row + 3] = sumD;
  }
  for (; row < count; row += 1) {
    const start = row * size;
    let sum = 0;
    for (let i = 0; i < size; i += 1) sum += rows[start + i] * vector[i];
    out[row] = sum;
  }
}

function transposed(matrix, rows, columns) {
  const turned = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) turned[column * rows + row] = matrix[row * columns + column];
  }
  return turned;
}

function softmax(values, from, to) {
  let top = -Infinity;
  for (let at = from; at < to; at += 1) top = Math.max(top, values[at]);
  let sum = 0;
  for (let at = from; at < to; at += 1) {
    values[at] = Math.exp(values[at] - top);
    sum += values[at];
  }
  for (let at = from; at < to; at += 1) values[at] /= sum;
}

export class Engine {
  // spec: { inputs, units, steps, resetMode, gateActivation, weights: null or { xr, xz, xh, hr, hz, hh, br, bz, bh, bhh },
  // x, h0, held: { R, Z } each null or { value, blend }, readout: null or { kind, outputs, weight, bias }, reverse }
  constructor(spec) {
    const { inputs, units, steps } = spec;
    Object.assign(this, { inputs, units, steps });
    this.resetMode = spec.resetMode;
    this.gateActivation = spec.gateActivation;
    this.activate = ACTIVATIONS[spec.gateActivation];
    this.reverse = Boolean(spec.reverse);
    this.X = Float64Array.from(spec.x);
    const cells = () => new Float64Array(steps * units);
    // Each state once: that before the first step stands beside the others, at the end where reading begins.
    this.states = new Float64Array((steps + 1) * units);
    this.H = this.reverse ? this.states.subarray(0, steps * units) : this.states.subarray(units);
    this.H0 = this.reverse ? this.states.subarray(steps * units) : this.states.subarray(0, units);
    this.H0.set(spec.h0);
    Object.assign(this, { R: cells(), Z: cells(), Hc: cells(), RP: cells(), ZP: cells() });
    // In mode "after" what R multiplies, H_prev W_hh + b_hh; in mode "before" nothing.
    this.Q = this.resetMode === "after" ? cells() : null;
    this.held = { R: null, Z: null };
    for (const gate of ["R", "Z"]) {
      if (spec.held?.[gate]) this.held[gate] = this.broadcast(spec.held[gate]);
    }
    this.weights = null;
    this.prepareReadout(spec.readout);
    // How many steps, in the order of reading, hold what the weights and the input give now.
    this.done = 0;
    if (spec.weights) this.prepareWeights(spec.weights);
  }

  // Without weights: what was computed elsewhere, { R, Z, Hc, H }, to be looked at and not to be changed.
  keep(recorded) {
    for (const [name, values] of Object.entries(recorded)) this[name].set(values);
    this.RP.set(this.R);
    this.ZP.set(this.Z);
    this.done = this.steps;
  }

  prepareWeights(weights) {
    const { steps, units } = this;
    const vector = (size) => new Float64Array(size);
    this.weights = Object.fromEntries(Object.entries(weights).map(([name, values]) => [name, Float64Array.from(values)]));
    this.projected = { R: vector(steps * units), Z: vector(steps * units), Hc: vector(steps * units) };
    this.unprojected = new Uint8Array(steps).fill(1);
    this.turned = vector(2 * units * units);
    this.turned.set(transposed(this.weights.hr, units, units));
    this.turned.set(transposed(this.weights.hz, units, units), units * units);
    this.turnedCandidate = transposed(this.weights.hh, units, units);
    const { outputs } = this;
    this.scratch = { h: vector(units), gates: vector(2 * units), reset: vector(units), sums: vector(units), y: vector(outputs) };
  }

  // One row for all steps becomes a row for each.
  broadcast({ value, blend }) {
    const whole = (rows) => Float64Array.from({ length: this.steps * this.units }, (_, at) => rows[at % rows.length]);
    return { value: whole(value), blend: whole(blend) };
  }

  prepareReadout(readout) {
    this.readout = readout ?? null;
    this.outputs = readout ? readout.outputs : 0;
    this.Y = new Float64Array(this.steps * this.outputs);
    if (!readout) return;
    this.turnedReadout = transposed(readout.weight, this.units, this.outputs);
  }

  // Multiply-adds of a whole rerun, and of one step of it.
  get operations() {
    return this.steps * this.stepOperations;
  }

  get stepOperations() {
    return this.units * (3 * this.units + this.outputs);
  }

  // The place of a step in the order of reading, and back.
  place(t) {
    return this.reverse ? this.steps - 1 - t : t;
  }

  get first() {
    return this.place(0);
  }

  // Where the state before step t begins in `states`; that after it begins at `after(t)`.
  before(t) {
    return (this.reverse ? t + 1 : t) * this.units;
  }

  after(t) {
    return (this.reverse ? t : t + 1) * this.units;
  }

  previous(t, i) {
    return this.states[this.before(t) + i];
  }

  // All steps from `from` on, at once.
  run(from = this.first) {
    this.mark(from);
    this.advance();
  }

  // From step t on, nothing holds any more. Returns t.
  mark(t) {
    this.done = Math.min(this.done, this.place(t));
    return t;
  }

  // As many steps as fit into so many multiply-adds, at least one; true when all are done.
  advance(operations = Infinity) {
    let left = operations;
    while (this.done < this.steps && left > 0) {
      const t = this.place(this.done);
      if (this.unprojected[t]) {
        this.projectStep(t);
        left -= 3 * this.inputs * this.units;
      }
      this.step(t);
      this.done += 1;
      left -= this.stepOperations;
    }
    return this.done === this.steps;
  }

  step(t) {
    const { units, scratch, activate, held, R, Z, Hc, RP, ZP, Q, states, projected } = this;
    const { h, gates } = scratch;
    const row = t * units;
    const before = this.before(t);
    const after = this.after(t);
    for (let i = 0; i < units; i += 1) h[i] = states[before + i];
    multiply(this.turned, h, gates);
    for (let i = 0; i < units; i += 1) {
      RP[row + i] = activate(projected.R[row + i] + gates[i]);
      ZP[row + i] = activate(projected.Z[row + i] + gates[units + i]);
    }
    apply(held.R, RP, R, row, units);
    apply(held.Z, ZP, Z, row, units);
    if (Q) this.resetProduct(t);
    this.candidate(t, R, Hc);
    for (let i = 0; i < units; i += 1) {
      const z = Z[row + i];
      // Exactly the old state where Z = 1, exactly the candidate where Z = 0.
      states[after + i] = z * h[i] + (1 - z) * Hc[row + i];
    }
    if (this.readout) this.answer(t);
  }

  // H_prev W_hh + b_hh, of the state that `step` has read.
  resetProduct(t) {
    const { units, weights, Q } = this;
    const { h, sums } = this.scratch;
    multiply(this.turnedCandidate, h, sums);
    for (let i = 0; i < units; i += 1) Q[t * units + i] = sums[i] + weights.bhh[i];
  }

  // H~ of a step under the reset gate `R`, which need not be the applied one.
  candidate(t, R, out) {
    const { units, states, projected, Q } = this;
    const { reset, sums } = this.scratch;
    const row = t * units;
    if (Q) {
      for (let i = 0; i < units; i += 1) out[row + i] = Math.tanh(projected.Hc[row + i] + R[row + i] * Q[row + i]);
      return;
    }
    const before = this.before(t);
    for (let i = 0; i < units; i += 1) reset[i] = R[row + i] * states[before + i];
    multiply(this.turnedCandidate, reset, sums);
    for (let i = 0; i < units; i += 1) out[row + i] = Math.tanh(projected.Hc[row + i] + sums[i]);
  }

  answer(t) {
    const { units, outputs, Y, readout, scratch, states } = this;
    const { h, y } = scratch;
    const after = this.after(t);
    for (let i = 0; i < units; i += 1) h[i] = states[after + i];
    multiply(this.turnedReadout, h, y);
    for (let k = 0; k < outputs; k += 1) Y[t * outputs + k] = y[k] + readout.bias[k];
    if (readout.kind === "classes") softmax(Y, t * outputs, (t + 1) * outputs);
  }

  // X_t W_x + b of the gates and the candidate. Inputs that are 0, as nearly all of a one-hot step, cost nothing.
  projectStep(t) {
    const { inputs, units, X, weights, projected } = this;
    const row = t * units;
    for (const [name, bias] of [["xr", "br"], ["xz", "bz"], ["xh", "bh"]]) {
      const out = projected[INPUT_WEIGHTS[name]];
      const weight = weights[name];
      out.set(weights[bias], row);
      for (let i = 0; i < inputs; i += 1) {
        const value = X[t * inputs + i];
        if (value === 0) continue;
        for (let j = 0; j < units; j += 1) out[row + j] += value * weight[i * units + j];
      }
    }
    this.unprojected[t] = 0;
  }

  // One number of the projection again, in the order in which projectStep adds.
  projectOne(gate, name, bias, t, j) {
    const { inputs, units, X } = this;
    const weight = this.weights[name];
    let sum = this.weights[bias][j];
    for (let i = 0; i < inputs; i += 1) {
      const value = X[t * inputs + i];
      if (value !== 0) sum += value * weight[i * units + j];
    }
    this.projected[gate][t * units + j] = sum;
  }

  // What follows changes one number and returns the first step, in the order of reading, whose numbers may change.

  setX(t, i, value) {
    this.X[t * this.inputs + i] = value;
    this.unprojected[t] = 1;
    return this.mark(t);
  }

  setRow(t, values) {
    this.X.set(values, t * this.inputs);
    this.unprojected[t] = 1;
    return this.mark(t);
  }

  setHeld(gate, t, i, value, blend) {
    if (!this.held[gate]) {
      const size = this.steps * this.units;
      this.held[gate] = { value: new Float64Array(size), blend: new Float64Array(size) };
    }
    const at = t * this.units + i;
    this.held[gate].value[at] = value;
    this.held[gate].blend[at] = blend;
    return this.mark(t);
  }

  setH0(i, value) {
    this.H0[i] = value;
    return this.mark(this.first);
  }

  // Biases have row 0.
  setWeight(name, row, column, value) {
    const { units } = this;
    this.weights[name][row * units + column] = value;
    if (name in STATE_WEIGHTS) {
      const turned = name === "hh" ? this.turnedCandidate : this.turned;
      turned[(name === "hz" ? units * units : 0) + column * units + row] = value;
      return this.mark(this.first);
    }
    if (name === "bhh") return this.mark(this.first);
    return this.mark(this.project(name, row, column));
  }

  // The projections that a weight of the input or a bias takes part in; the first step of them.
  project(name, row, column) {
    const gate = INPUT_WEIGHTS[name] ?? BIASES[name];
    const suffix = name.at(-1);
    let first = null;
    for (let place = 0; place < this.steps; place += 1) {
      const t = this.place(place);
      if (name in INPUT_WEIGHTS && this.X[t * this.inputs + row] === 0) continue;
      first ??= t;
      if (!this.unprojected[t]) this.projectOne(gate, `x${suffix}`, `b${suffix}`, t, column);
    }
    return first ?? this.place(this.steps - 1);
  }

  // What is now, to be compared with what will be.
  snapshot() {
    const { R, Z, Hc, H, RP, ZP, Y, states } = this;
    const copies = { R, Z, Hc, RP, ZP, Y, states };
    for (const [name, values] of Object.entries(copies)) copies[name] = values.slice();
    copies.H = this.reverse ? copies.states.subarray(0, H.length) : copies.states.subarray(this.units);
    return copies;
  }
}

// The gate as applied: (1 - blend) * proposed + blend * value.
function apply(held, proposed, applied, row, units) {
  for (let at = row; at < row + units; at += 1) {
    const blend = held ? held.blend[at] : 0;
    applied[at] = blend === 0 ? proposed[at] : (1 - blend) * proposed[at] + blend * held.value[at];
  }
}
