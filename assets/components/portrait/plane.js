// The map of two units under one input, in float64 and without a page: the same equations, searches and limits as
// gru_core/analysis/landscape.py and portrait.py. A state is [a, b], a matrix [[row 0], [row 1]] from row to column.

const ACTIVATION = {
  sigmoid: { value: (a) => 0.5 * (1 + Math.tanh(0.5 * a)), slope: null, steepest: 0.25 },
  hard_sigmoid_fifth: { value: (a) => Math.min(Math.max(0.2 * a + 0.5, 0), 1), slope: 0.2, steepest: 0.2 },
  hard_sigmoid_sixth: { value: (a) => Math.min(Math.max(a / 6 + 0.5, 0), 1), slope: 1 / 6, steepest: 1 / 6 },
};

const SEARCHES = [64, 256];
const REFINED = 3;
const MOST_PLACES = 20000;
const NEWTON_STEPS = 60;
const RESTS = 1e-11;
const SAME = 1e-5;
const TOUCHING = 1e-6;
const BLURRED = 2e-3;
const BORDER = 1e-6;

export const LEARNED = { keep: [1, 1], force: [0, 0] };

const across = (W, h, k) => h[0] * W[0][k] + h[1] * W[1][k];

export class Plane {
  // weights: { hr, hz, hh, bhh, resetMode, gateActivation }; drive: { r, z, h }; gates: { R, Z } of { keep, force }.
  constructor(weights, drive, gates) {
    Object.assign(this, { weights, drive, gates });
    this.activation = ACTIVATION[weights.gateActivation];
    this.before = weights.resetMode === "before";
  }

  gate(name, h) {
    const { keep, force } = this.gates[name];
    const [W, drive] = name === "R" ? [this.weights.hr, this.drive.r] : [this.weights.hz, this.drive.z];
    return [0, 1].map((k) => keep[k] * this.activation.value(drive[k] + across(W, h, k)) + force[k]);
  }

  candidate(h) {
    const { hh, bhh } = this.weights;
    const R = this.gate("R", h);
    if (!this.before) return [0, 1].map((k) => Math.tanh(this.drive.h[k] + R[k] * (across(hh, h, k) + bhh[k])));
    const seen = [R[0] * h[0], R[1] * h[1]];
    return [0, 1].map((k) => Math.tanh(this.drive.h[k] + across(hh, seen, k)));
  }

  // H~ - h: zero where a unit stands still, whatever Z is.
  pull(h) {
    const N = this.candidate(h);
    return [N[0] - h[0], N[1] - h[1]];
  }

  step(h) {
    const Z = this.gate("Z", h);
    const N = this.candidate(h);
    return [0, 1].map((k) => Z[k] * h[k] + (1 - Z[k]) * N[k]);
  }

  change(h) {
    const Z = this.gate("Z", h);
    const pull = this.pull(h);
    return [0, 1].map((k) => (1 - Z[k]) * pull[k]);
  }

  run(h, steps) {
    const states = [h];
    for (let at = 0; at < steps; at += 1) states.push(this.step(states[at]));
    return states;
  }

  get kept() {
    const { keep, force } = this.gates.Z;
    return [0, 1].map((k) => keep[k] === 0 && force[k] === 1);
  }

  slopeOf(a) {
    const { slope, value } = this.activation;
    if (slope === null) return value(a) * (1 - value(a));
    return Math.abs(slope * a) < 0.5 ? slope : 0;
  }

  // dN/dh: row k, column j is the derivative of unit k's candidate to unit j's state.
  candidateSlopes(h) {
    const { hr, hh, bhh } = this.weights;
    const { keep } = this.gates.R;
    const R = this.gate("R", h);
    const N = this.candidate(h);
    const slope = [0, 1].map((k) => keep[k] * this.slopeOf(this.drive.r[k] + across(hr, h, k)));
    const seen = [0, 1].map((m) => [0, 1].map((j) => (m === j ? R[m] : 0) + h[m] * slope[m] * hr[j][m]));
    return [0, 1].map((k) => {
      const outer = 1 - N[k] * N[k];
      const product = across(hh, h, k) + bhh[k];
      return [0, 1].map((j) =>
        this.before
          ? outer * (hh[0][k] * seen[0][j] + hh[1][k] * seen[1][j])
          : outer * (R[k] * hh[j][k] + product * slope[k] * hr[j][k]),
      );
    });
  }

  jacobian(h) {
    const { hz } = this.weights;
    const Z = this.gate("Z", h);
    const pull = this.pull(h);
    const slopes = this.candidateSlopes(h);
    return [0, 1].map((k) => {
      const slope = this.gates.Z.keep[k] * this.slopeOf(this.drive.z[k] + across(hz, h, k));
      return [0, 1].map((j) => (k === j ? Z[k] : 0) + (1 - Z[k]) * slopes[k][j] - pull[k] * slope * hz[j][k]);
    });
  }

  // The most that each part of N - h can change per unit of distance in the larger coordinate.
  get steepest() {
    const { hr, hh, bhh } = this.weights;
    const { keep, force } = this.gates.R;
    const most = [0, 1].map((k) => Math.max(force[k], keep[k] + force[k]));
    const slope = [0, 1].map((k) => keep[k] * this.activation.steepest * (Math.abs(hr[0][k]) + Math.abs(hr[1][k])));
    return [0, 1].map((k) => {
      const sum = Math.abs(hh[0][k]) + Math.abs(hh[1][k]);
      if (!this.before) return most[k] * sum + (sum + Math.abs(bhh[k])) * slope[k] + 1;
      return (most[0] + slope[0]) * Math.abs(hh[0][k]) + (most[1] + slope[1]) * Math.abs(hh[1][k]) + 1;
    });
  }

  // Every fixed point, by unit 0 and then unit 1; none where a unit is kept, for then they are no points.
  fixedPoints() {
    if (this.kept.some(Boolean)) return [];
    let found = [];
    for (const cells of SEARCHES) {
      found = this.distinct(this.suspects(cells).map((h) => this.newton(h)).filter(Boolean)).map((h) => this.describe(h));
      if (found.reduce((sum, { index }) => sum + index, 0) === 1) break;
    }
    return found;
  }

  suspects(cells) {
    const steepest = this.steepest;
    let half = 1 / cells;
    const possible = (h) => {
      const pull = this.pull(h);
      return Math.abs(pull[0]) <= steepest[0] * half && Math.abs(pull[1]) <= steepest[1] * half;
    };
    let places = [];
    for (let i = 0; i < cells; i += 1) {
      for (let j = 0; j < cells; j += 1) {
        const h = [-1 + half * (2 * i + 1), -1 + half * (2 * j + 1)];
        if (possible(h)) places.push(h);
      }
    }
    for (let level = 0; level < REFINED && places.length <= MOST_PLACES; level += 1) {
      half /= 2;
      const finer = [];
      for (const [a, b] of places) {
        for (const h of [[a - half, b - half], [a - half, b + half], [a + half, b - half], [a + half, b + half]]) {
          if (possible(h)) finer.push(h);
        }
      }
      places = finer;
    }
    return places;
  }

  newton(start) {
    let h = start;
    let pull = this.pull(h);
    for (let at = 0; at < NEWTON_STEPS; at += 1) {
      if (Math.abs(pull[0]) <= RESTS / 10 && Math.abs(pull[1]) <= RESTS / 10) break;
      const [[a, b], [c, d]] = this.candidateSlopes(h);
      const determinant = (a - 1) * (d - 1) - b * c;
      if (Math.abs(determinant) <= 1e-300) break;
      const way = [((d - 1) * pull[0] - b * pull[1]) / determinant, ((a - 1) * pull[1] - c * pull[0]) / determinant];
      h = h.map((value, k) => Math.min(Math.max(value - Math.min(Math.max(way[k], -0.25), 0.25), -1), 1));
      pull = this.pull(h);
    }
    return Math.abs(pull[0]) <= RESTS && Math.abs(pull[1]) <= RESTS ? h : null;
  }

  distinct(places) {
    const rest = (h) => Math.max(...this.pull(h).map(Math.abs));
    const chosen = [];
    // Where fixed points meet, rounding spreads what is one.
    const all = places.map((h) => ({ h, rest: rest(h), apart: Math.abs(this.turning(h)) < TOUCHING ? BLURRED : SAME }));
    for (const one of all.sort((first, second) => first.rest - second.rest)) {
      const isApart = (other) => Math.max(Math.abs(one.h[0] - other.h[0]), Math.abs(one.h[1] - other.h[1])) > Math.max(one.apart, other.apart);
      if (chosen.every(isApart)) chosen.push(one);
    }
    const rounded = (value) => Math.round(value * 1e6);
    return chosen.map(({ h }) => h).sort((one, other) => rounded(one[0]) - rounded(other[0]) || one[1] - other[1]);
  }

  // det(I - dN/dh): its sign is the index of a fixed point.
  turning(h) {
    const [[p, q], [r, s]] = this.candidateSlopes(h);
    return (1 - p) * (1 - s) - q * r;
  }

  describe(h) {
    const determinant = this.turning(h);
    const eigenvalues = eigenvaluesOf(this.jacobian(h));
    const sizes = eigenvalues.map(({ re, im }) => Math.hypot(re, im));
    const turns = Math.abs(eigenvalues[0].im) > BORDER;
    const neutral = sizes.some((size) => Math.abs(size - 1) <= BORDER);
    return {
      h,
      eigenvalues,
      index: Math.abs(determinant) < TOUCHING ? 0 : Math.sign(determinant),
      stability: neutral ? "neutral" : ["unstable", "saddle", "stable"][sizes.filter((size) => size < 1).length],
      turns,
      flips: !turns && Math.min(eigenvalues[0].re, eigenvalues[1].re) < -BORDER,
    };
  }
}

// The larger in size first; of a pair that turns, the one above the real line.
export function eigenvaluesOf([[a, b], [c, d]]) {
  const half = (a + d) / 2;
  const inside = ((a - d) / 2) ** 2 + b * c;
  if (inside < 0) return [Math.sqrt(-inside), -Math.sqrt(-inside)].map((im) => ({ re: half, im }));
  const root = Math.sqrt(inside);
  return [half + root, half - root].sort((one, other) => Math.abs(other) - Math.abs(one) || other - one).map((re) => ({ re, im: 0 }));
}

// The states of a sequence: drives and gates of each step in the order of reading, from a state on; the first is that one.
export function follow(weights, steps, start) {
  const states = [start];
  for (const { drive, gates } of steps) states.push(new Plane(weights, drive, gates).step(states.at(-1)));
  return states;
}
