// The two conventions, computed: the other name for Z leaves H as it is, the other reset mode is another function.

import { Engine } from "./engine.js";

// With the weights of Z turned and H = (1 - Z) H_prev + Z H~: the largest difference of H from what the engine has.
export function renamedApart(engine) {
  const { steps, units, inputs, X, weights, held, Hc, activate } = engine;
  let most = 0;
  for (let t = 0; t < steps; t += 1) {
    const before = engine.before(t);
    for (let i = 0; i < units; i += 1) {
      let a = -weights.bz[i];
      for (let k = 0; k < inputs; k += 1) a += X[t * inputs + k] * -weights.xz[k * units + i];
      for (let k = 0; k < units; k += 1) a += engine.states[before + k] * -weights.hz[k * units + i];
      const at = t * units + i;
      const blend = held.Z ? held.Z.blend[at] : 0;
      const proposed = activate(a);
      const z = blend ? (1 - blend) * proposed + blend * (1 - held.Z.value[at]) : proposed;
      const state = (1 - z) * engine.states[before + i] + z * Hc[at];
      most = Math.max(most, Math.abs(state - engine.H[at]));
    }
  }
  return most;
}

// The same weights run with the reset on the other side of the product: its H, and where it is farthest from the own.
export function otherReset(engine) {
  const { inputs, units, steps, gateActivation, reverse, readout } = engine;
  const mode = engine.resetMode === "before" ? "after" : "before";
  const weights = { ...engine.weights };
  if (mode === "after") weights.bhh = new Float64Array(units);
  // Its second bias joins the first where there is no product of its own for it.
  else weights.bh = weights.bh.map((value, at) => value + weights.bhh[at]);
  const other = new Engine({ inputs, units, steps, resetMode: mode, gateActivation, reverse, readout, weights, x: engine.X, h0: engine.H0, held: engine.held });
  other.run();
  let [apart, step] = [0, 0];
  for (let at = 0; at < other.H.length; at += 1) {
    const distance = Math.abs(other.H[at] - engine.H[at]);
    if (distance > apart) [apart, step] = [distance, Math.floor(at / units)];
  }
  return { H: other.H, own: engine.H, apart, step };
}
