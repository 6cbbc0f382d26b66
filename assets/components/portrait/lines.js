// Where a function on a grid crosses zero, as gru_core/analysis/contour.py has it: pieces x0, y0, x1, y1, ...

const EDGES = [
  [], [[3, 0]], [[0, 1]], [[3, 1]], [[1, 2]], [[3, 0], [1, 2]], [[0, 2]], [[3, 2]],
  [[2, 3]], [[2, 0]], [[0, 1], [2, 3]], [[2, 1]], [[1, 3]], [[1, 0]], [[0, 3]], [],
];
const CROSSED = { 5: [[3, 2], [1, 0]], 10: [[0, 3], [2, 1]] };
const CORNERS = [[0, 0], [1, 0], [1, 1], [0, 1]];

// values at (i, j) stand at i * side + j, for places evenly spaced over [-1, 1] in both directions.
export function zeroLines(values, side) {
  const pieces = [];
  const width = 2 / (side - 1);
  for (let i = 0; i + 1 < side; i += 1) {
    for (let j = 0; j + 1 < side; j += 1) {
      const at = i * side + j;
      const level = [values[at], values[at + side], values[at + side + 1], values[at + 1]];
      let number = 0;
      for (let corner = 0; corner < 4; corner += 1) if (level[corner] > 0) number |= 1 << corner;
      if (number === 0 || number === 15) continue;
      const crossed = (number === 5 || number === 10) && level[0] + level[1] + level[2] + level[3] > 0;
      for (const pair of crossed ? CROSSED[number] : EDGES[number]) {
        for (const edge of pair) {
          const next = (edge + 1) % 4;
          const share = level[edge] / (level[edge] - level[next]);
          const [x, y] = [0, 1].map((axis) => CORNERS[edge][axis] + share * (CORNERS[next][axis] - CORNERS[edge][axis]));
          pieces.push(-1 + width * (i + x), -1 + width * (j + y));
        }
      }
    }
  }
  return pieces;
}

// The pieces joined to lines, each [x0, y0, x1, y1, ...], so that a dash goes on from one to the next.
export function joinedLines(pieces) {
  const count = pieces.length / 4;
  const name = (x, y) => `${Math.round(x * 1e8)} ${Math.round(y * 1e8)}`;
  const at = new Map();
  const ends = [];
  for (let piece = 0; piece < count; piece += 1) {
    const [a, b, c, d] = pieces.slice(4 * piece, 4 * piece + 4);
    ends.push([[a, b, name(a, b)], [c, d, name(c, d)]]);
    for (const [, , key] of ends[piece]) {
      if (at.has(key)) at.get(key).push(piece);
      else at.set(key, [piece]);
    }
  }
  const taken = new Uint8Array(count);
  const grow = (line, from) => {
    let key = from;
    for (;;) {
      const next = at.get(key).find((piece) => !taken[piece]);
      if (next === undefined) return line;
      taken[next] = 1;
      const [one, other] = ends[next];
      const [x, y, beyond] = one[2] === key ? other : one;
      line.push(x, y);
      key = beyond;
    }
  };
  const lines = [];
  // Lines that end at the rim first, from an end; then the rings.
  const starts = ends.flatMap((pair, piece) => pair.map((end, side) => [piece, side, at.get(end[2]).length]));
  for (const [piece, side] of [...starts.filter(([, , met]) => met === 1), ...starts]) {
    if (taken[piece]) continue;
    taken[piece] = 1;
    const [from, to] = [ends[piece][side], ends[piece][1 - side]];
    lines.push(grow([from[0], from[1], to[0], to[1]], to[2]));
  }
  return lines;
}
