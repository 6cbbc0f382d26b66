// The numbers of one step as the picture shows them, and how they pass into those of the next one.

const CELLS = ["H_prev", "X", "Z", "R", "look", "H_tilde", "kept", "written", "H"];

// One set of arrays that is filled again for every step.
export class StepNumbers {
  constructor({ units, inputs }) {
    for (const name of CELLS) this[name] = new Float64Array(name === "X" ? inputs : units);
    this.shares = { kept: 0, written: 0, look: 0 };
  }

  // From what the engine holds at step t. `updates`: Z is shown as the share that is written.
  fill(engine, t, updates) {
    const { units, inputs } = engine;
    const row = t * units;
    const before = engine.before(t);
    let [kept, looked] = [0, 0];
    for (let i = 0; i < units; i += 1) {
      const at = row + i;
      const state = engine.states[before + i];
      const z = engine.Z[at];
      this.H_prev[i] = state;
      this.R[i] = engine.R[at];
      this.Z[i] = updates ? 1 - z : z;
      this.look[i] = engine.R[at] * (engine.Q ? engine.Q[at] : state);
      this.H_tilde[i] = engine.Hc[at];
      this.kept[i] = z * state;
      this.written[i] = (1 - z) * engine.Hc[at];
      this.H[i] = engine.H[at];
      kept += z;
      looked += engine.R[at];
    }
    for (let i = 0; i < inputs; i += 1) this.X[i] = engine.X[t * inputs + i];
    this.shares.kept = kept / units;
    this.shares.written = 1 - this.shares.kept;
    this.shares.look = looked / units;
    return this;
  }

  copy(other) {
    for (const name of CELLS) this[name].set(other[name]);
    Object.assign(this.shares, other.shares);
    return this;
  }

  // The numbers `share` of the way from one step's to another's.
  between(from, to, share) {
    for (const name of CELLS) {
      const [into, a, b] = [this[name], from[name], to[name]];
      for (let i = 0; i < into.length; i += 1) into[i] = a[i] + (b[i] - a[i]) * share;
    }
    for (const name of Object.keys(this.shares)) {
      this.shares[name] = from.shares[name] + (to.shares[name] - from.shares[name]) * share;
    }
    return this;
  }
}
