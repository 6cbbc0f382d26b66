// What became of a change, as it is drawn: where, how strongly, carried by what, and what the answer becomes.
//
// An outcome is { bin, columns, strength, carrier, size, sizes, answer, at(unit, step) }: strength and carrier are
// (units, columns) in whole numbers, size and sizes per step; answer null or { moved, output, was, now } per step.

import { ripple } from "../cell/ripple.js";

// The ways of gru_core.analysis.jacobian.ROUTES, as the engine's parts call them.
export const WAYS = { copy: "copy", update: "Z", candidate: "candidate", reset: "R" };
export const NAMES = Object.keys(WAYS);
export const NOTHING = 255;

// |dH| as ink, on a scale of powers of ten, so that what is left of a ripple can be seen: none at reach[0], all of it
// at reach[1].
export function inkOf(difference, [least, most]) {
  if (!(difference > least || -difference > least)) return 0;
  return Math.min(Math.log(Math.abs(difference) / least) / Math.log(most / least), 1);
}

// Of a chain in which something was changed by `share` of what is meant: all is enlarged to the whole.
export function outcomeOf(chain, { layer, reach, share }) {
  const engine = chain.engines[layer];
  const { steps, units } = engine;
  const found = ripple(engine, chain.before[layer]);
  const strength = new Uint8Array(units * steps);
  const carrier = new Uint8Array(units * steps).fill(NOTHING);
  const parts = NAMES.map((name) => found[WAYS[name]]);
  for (let t = 0; t < steps; t += 1) {
    for (let i = 0; i < units; i += 1) {
      const from = t * units + i;
      if (found.dH[from] === 0) continue;
      const place = i * steps + t;
      let best = 0;
      for (let way = 1; way < 4; way += 1) if (Math.abs(parts[way][from]) > Math.abs(parts[best][from])) best = way;
      carrier[place] = best;
      strength[place] = Math.round(255 * inkOf(found.dH[from] / share, reach));
    }
  }
  const enlarged = (values) => values.map((value) => value / share);
  return {
    bin: 1,
    columns: steps,
    strength,
    carrier,
    size: enlarged(found.size),
    sizes: Object.fromEntries(NAMES.map((name) => [name, enlarged(found.sizes[WAYS[name]])])),
    answer: answerOf(chain, share),
    at: (unit, step) => ({
      difference: found.dH[step * units + unit] / share,
      parts: NAMES.map((name, way) => [name, parts[way][step * units + unit] / share]),
    }),
  };
}

// Nothing is known yet.
export function emptyOutcome({ steps, units }) {
  const size = new Float64Array(steps);
  const none = new Uint8Array(units).fill(NOTHING);
  return { bin: steps, columns: 1, strength: none, carrier: none, size, sizes: Object.fromEntries(NAMES.map((name) => [name, size])), answer: null };
}

// Classes: half the sum of what the probabilities change, with the likeliest answer before and after. Numbers: the
// output that changes most.
function answerOf(chain, share) {
  const { readout, steps, answersBefore: before } = chain;
  if (!readout) return null;
  const { outputs, kind } = readout;
  const after = chain.answers();
  const answer = {
    moved: new Float64Array(steps),
    output: new Int16Array(2 * steps),
    was: new Float64Array(steps),
    now: new Float64Array(steps),
  };
  for (let t = 0; t < steps; t += 1) {
    const [old, present] = [before, after].map((values) => values.subarray(t * outputs, (t + 1) * outputs));
    const apart = present.map((value, k) => Math.abs(value - old[k]));
    if (kind === "classes") {
      answer.moved[t] = apart.reduce((sum, value) => sum + value, 0) / 2 / share;
      answer.output[2 * t] = largest(old);
      answer.output[2 * t + 1] = largest(present);
    } else {
      const most = largest(apart);
      answer.moved[t] = apart[most] / share;
      answer.output[2 * t] = most;
      answer.output[2 * t + 1] = most;
    }
    answer.was[t] = old[answer.output[2 * t]];
    answer.now[t] = present[answer.output[2 * t + 1]];
  }
  return answer;
}

function largest(values) {
  let best = 0;
  for (let k = 1; k < values.length; k += 1) if (values[k] > values[best]) best = k;
  return best;
}

// As gru_core.analysis.ripple: where it has died, what is left of it, and what carried it.
export function fateOf({ size, sizes }, { step, reverse, gone }) {
  const order = [];
  for (let t = step; reverse ? t >= 0 : t < size.length; t += reverse ? -1 : 1) order.push(t);
  const start = size[step];
  const left = size[order.at(-1)] / start;
  let last = order.length - 1;
  while (last > 0 && size[order[last]] < gone * start) last -= 1;
  const died = start > 0 && last < order.length - 1 ? order[last + 1] : null;
  const alive = died === null ? order.slice(1) : order.slice(1, last + 1);
  const sums = NAMES.map((name) => alive.reduce((sum, t) => sum + sizes[name][t], 0));
  const most = sums.indexOf(Math.max(...sums));
  return { start, left, died, steps: died === null ? null : last + 1, main: sums[most] > 0 ? NAMES[most] : null };
}
