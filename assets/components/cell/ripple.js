// Where a change went through time, and what carried it.
//
// With ' for what was before the edits, the difference of a state, dH = H - H', is the sum of four parts:
//   copy       Z * (H_prev - H_prev')          the state before differed, and was copied on
//   Z          (Z - Z') * (H_prev' - H~')      the update gate chose differently between what there was
//   R          (1 - Z) * (H~ - H~*)            the candidate differed because R did: H~* has the new input, state
//                                              and weights under the old R
//   candidate  (1 - Z) * (H~* - H~')           the candidate differed for all other reasons
// Each is exact, not a derivative: written out, all but H and H' cancels.

export const CARRIERS = ["copy", "Z", "R", "candidate"];

// `recorded` is engine.snapshot() of before. Arrays as in the engine; `sizes` has the sum over units of each part's
// size at every step, `size` that of dH.
export function ripple(engine, recorded) {
  const { steps, units } = engine;
  const cells = () => new Float64Array(steps * units);
  const parts = { copy: cells(), Z: cells(), R: cells(), candidate: cells() };
  const dH = cells();
  const oldReset = cells();
  for (let t = 0; t < steps; t += 1) {
    const row = t * units;
    const before = engine.before(t);
    let moved = false;
    for (let at = row; at < row + units; at += 1) moved ||= engine.R[at] !== recorded.R[at];
    if (moved) engine.candidate(t, recorded.R, oldReset);
    for (let i = 0; i < units; i += 1) {
      const at = row + i;
      const z = engine.Z[at];
      const was = recorded.states[before + i];
      const candidate = engine.Hc[at];
      const underOldReset = moved ? oldReset[at] : candidate;
      dH[at] = engine.H[at] - recorded.H[at];
      parts.copy[at] = z * (engine.states[before + i] - was);
      parts.Z[at] = (z - recorded.Z[at]) * (was - recorded.Hc[at]);
      parts.R[at] = (1 - z) * (candidate - underOldReset);
      parts.candidate[at] = (1 - z) * (underOldReset - recorded.Hc[at]);
    }
  }
  const sizes = Object.fromEntries(CARRIERS.map((name) => [name, sizesOf(parts[name], steps, units)]));
  return { ...parts, dH, sizes, size: sizesOf(dH, steps, units) };
}

function sizesOf(values, steps, units) {
  const sizes = new Float64Array(steps);
  for (let t = 0; t < steps; t += 1) {
    for (let at = t * units; at < (t + 1) * units; at += 1) sizes[t] += Math.abs(values[at]);
  }
  return sizes;
}
