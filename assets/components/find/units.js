// Which units are on, by codes: the same comparisons as gru_core/analysis/find.py.
// `codes` holds one row of `steps` codes per unit.

export function codeOf(value, low, high, top) {
  const inside = Math.min(Math.max(value, low), high);
  return Math.floor(((inside - low) / (high - low)) * top + 0.5);
}

export function valueOf(code, low, high, top) {
  return low + (code * (high - low)) / top;
}

// The units on at every step from `start` to `stop` (excluded), steps counted from the first that is here.
export function unitsOn({ codes, units, steps }, rule, start, stop) {
  const on = rule.side === "above" ? (code) => code >= rule.code : (code) => code <= rule.code;
  const found = [];
  for (let unit = 0; unit < units; unit += 1) {
    const row = unit * steps;
    let through = true;
    for (let step = start; through && step < stop; step += 1) through = on(codes[row + step]);
    if (through && rule.edges) {
      for (const step of [start - 1, stop]) {
        if (step >= 0 && step < steps && on(codes[row + step])) through = false;
      }
    }
    if (through) found.push(unit);
  }
  return found;
}

// The units looked for: those that are on, without those taken out by hand, with those put in.
export function chosenUnits(on, add, drop) {
  return [...new Set([...on, ...add])].filter((unit) => !drop.includes(unit)).sort((one, other) => one - other);
}
