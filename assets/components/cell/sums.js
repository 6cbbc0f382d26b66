// Every product that makes one number of a gate or of the candidate: the arithmetic of one unit at one step.

import { BIASES, INPUT_WEIGHTS, STATE_WEIGHTS } from "./engine.js";

function nameOf(table, gate) {
  return Object.keys(table).find((name) => table[name] === gate);
}

function bySize(terms) {
  return terms.sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
}

function total(terms) {
  return terms.reduce((sum, { product }) => sum + product, 0);
}

// gate: "R", "Z" or "Hc". Terms are { index, weight, value, product }, largest first; those of the candidate's
// state in mode "before" have value = reset * state. `total` is what the activation takes:
//   R, Z and mode "before"   xSum + bias + hSum
//   Hc in mode "after"       xSum + bias + gate * (hSum + hBias), where gate is the reset gate of this unit
// `activated` is the gate as the weights propose it, `applied` what is used; of the candidate both are the same.
export function terms(engine, gate, t, i) {
  const { inputs, units, weights, X, resetMode } = engine;
  const candidate = gate === "Hc";
  const x = [];
  const h = [];
  const fromInput = weights[nameOf(INPUT_WEIGHTS, gate)];
  const fromState = weights[nameOf(STATE_WEIGHTS, gate)];
  for (let index = 0; index < inputs; index += 1) {
    const weight = fromInput[index * units + i];
    const value = X[t * inputs + index];
    x.push({ index, weight, value, product: weight * value });
  }
  for (let index = 0; index < units; index += 1) {
    const weight = fromState[index * units + i];
    const state = engine.previous(t, index);
    const reset = candidate && resetMode === "before" ? engine.R[t * units + index] : 1;
    const value = reset * state;
    h.push({ index, weight, value, product: weight * value, state, reset });
  }
  const at = t * units + i;
  const outside = candidate && resetMode === "after";
  const found = {
    x: bySize(x),
    h: bySize(h),
    xSum: total(x),
    hSum: total(h),
    bias: weights[nameOf(BIASES, gate)][i],
    hBias: outside ? weights.bhh[i] : 0,
    gate: outside ? engine.R[at] : 1,
  };
  found.total = found.xSum + found.bias + found.gate * (found.hSum + found.hBias);
  found.activated = candidate ? Math.tanh(found.total) : engine.activate(found.total);
  found.applied = candidate ? found.activated : engine[gate][at];
  return found;
}
