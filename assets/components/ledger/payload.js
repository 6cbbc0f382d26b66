// What gru_ui/components/ledger.py sends, and "how much of this state was written there?".
// Shares and contents travel as whole numbers of their signed square root, for colours go with it.

// Whole numbers on the wire and back: `reach` is the largest root that travels.
export function unrooted(whole, { signed, reach }) {
  const root = signed ? (whole / 32767.5 - 1) * reach : (whole / 65535) * reach;
  return Math.sign(root) * root * root;
}

export function decodeMap(model, resolve) {
  const { rows, backward, wire } = model;
  const packed = resolve(model.written);
  const written = new Uint16Array(rows * rows).fill(wire.signed ? 32768 : 0);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    const [from, to] = backward ? [row, rows] : [0, row + 1];
    written.set(packed.subarray(at, at + to - from), row * rows + from);
    at += to - from;
  }
  const lives = resolve(model.lives);
  const byMean = resolve(model.byMean);
  const ages = resolve(model.ages);
  const order = resolve(model.order);
  const exact = model.exact && { ...model.exact, row: resolve(model.exact.row) };
  return { ...model, start: resolve(model.start), written, lives, byMean, ages, order, exact };
}

export function stretchOf({ bin, steps }, row) {
  return [row * bin, Math.min((row + 1) * bin, steps) - 1];
}

// Where the state at a step comes from: { start, parts, size, age }, part i of `size` steps each. Of a long trace one
// row is here step by step; the others are those of the map.
export function rowOf(model, step) {
  const { rows, bin, wire, exact } = model;
  if (exact && exact.step === step) {
    return { start: exact.row[0], parts: exact.row.subarray(1), size: 1, age: exact.age, exact: true };
  }
  const row = Math.floor(step / bin);
  const parts = Float64Array.from({ length: rows }, (_, column) => unrooted(model.written[row * rows + column], wire));
  return { start: unrooted(model.start[row], wire), parts, size: bin, age: model.ages[row], exact: bin === 1 };
}

// The parts of a row in the columns of the map.
export function inColumns({ parts, size }, { bin, rows }) {
  if (size === bin) return parts;
  const sums = new Float64Array(rows);
  parts.forEach((part, step) => (sums[Math.floor(step / bin)] += part));
  return sums;
}

// The largest part, -1 for H_0; of equal ones the one written last.
export function largest({ start, parts }, backward) {
  let best = -1;
  let most = Math.abs(start);
  parts.forEach((part, at) => {
    const size = Math.abs(part);
    if (size > most + 1e-9 || (size > most - 1e-9 && size > 0 && (best < 0 || !backward))) [best, most] = [at, size];
  });
  return best;
}
