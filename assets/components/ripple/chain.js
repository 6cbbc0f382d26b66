// All layers and directions of a GRU, one engine each: a change of the input goes up through them, and the readout
// answers at every step.

import { Engine } from "../cell/engine.js";

// spec: { inputs, units, steps, resetMode, gateActivation, directions, x, cells: [{ weights, h0, held, reverse }],
// readout: null or { kind, outputs, weight, bias } }, cells as gru.cells counts them.
export class Chain {
  constructor(spec) {
    const { inputs, units, steps, directions, cells } = spec;
    Object.assign(this, { inputs, units, steps, directions, readout: spec.readout ?? null });
    this.x = Float64Array.from(spec.x);
    this.width = directions * units;
    this.engines = [];
    this.outputs = [];
    for (let first = 0; first < cells.length; first += directions) {
      const x = first === 0 ? this.x : this.outputs.at(-1);
      const width = first === 0 ? inputs : this.width;
      const layer = cells.slice(first, first + directions).map((cell) => {
        const engine = new Engine({ ...spec, ...cell, inputs: width, x, readout: null });
        engine.run();
        return engine;
      });
      this.engines.push(...layer);
      this.outputs.push(this.joined(layer));
    }
    this.before = this.engines.map((engine) => engine.snapshot());
    this.answersBefore = this.answers();
    this.changed = null;
  }

  // The states of one layer, (steps, directions * units).
  joined(layer, into = new Float64Array(this.steps * this.width)) {
    const { units, steps, width } = this;
    layer.forEach((engine, direction) => {
      for (let t = 0; t < steps; t += 1) {
        into.set(engine.H.subarray(t * units, (t + 1) * units), t * width + direction * units);
      }
    });
    return into;
  }

  rowOf(step) {
    return this.x.subarray(step * this.inputs, (step + 1) * this.inputs);
  }

  // One step reads another row; the step that was changed before reads its own again.
  change(step, row) {
    const { directions, engines, width, steps } = this;
    for (let first = 0; first < engines.length; first += directions) {
      const layer = engines.slice(first, first + directions);
      if (first === 0) {
        for (const engine of layer) {
          if (this.changed !== null && this.changed !== step) engine.setRow(this.changed, this.rowOf(this.changed));
          engine.setRow(step, row);
        }
      } else {
        const below = this.outputs[first / directions - 1];
        for (const engine of layer) {
          for (let t = 0; t < steps; t += 1) engine.setRow(t, below.subarray(t * width, (t + 1) * width));
        }
      }
      for (const engine of layer) engine.advance();
      this.joined(layer, this.outputs[first / directions]);
    }
    this.changed = step;
  }

  // (steps, outputs): logits made probabilities, or numbers; null without a readout.
  answers() {
    const { readout, steps, width } = this;
    if (!readout) return null;
    const { outputs, weight, bias, kind } = readout;
    const states = this.outputs.at(-1);
    const found = new Float64Array(steps * outputs);
    for (let t = 0; t < steps; t += 1) {
      const row = found.subarray(t * outputs, (t + 1) * outputs);
      row.set(bias);
      for (let i = 0; i < width; i += 1) {
        const state = states[t * width + i];
        for (let k = 0; k < outputs; k += 1) row[k] += state * weight[i * outputs + k];
      }
      if (kind === "classes") likely(row);
    }
    return found;
  }
}

function likely(row) {
  const top = Math.max(...row);
  let sum = 0;
  for (let k = 0; k < row.length; k += 1) {
    row[k] = Math.exp(row[k] - top);
    sum += row[k];
  }
  for (let k = 0; k < row.length; k += 1) row[k] /= sum;
}
