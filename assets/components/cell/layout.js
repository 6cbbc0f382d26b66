// Where the parts of the cell stand, from the width, the height and the model. Pure: nothing is drawn here.
//
// A part is { x, y, w, h }, an operation { x, y, r }, a wire a list of points. `lanes` of wires: the old state runs along
// the top, the gates stand in the middle, and what they are computed from comes from below.

// Pixels from which the parts stand side by side.
export const WIDE = 740;

export function cellLayout({ width, height, mode, zMeans, answers, depth }) {
  return width >= WIDE ? wideLayout(width, height, mode, zMeans) : narrowLayout(width, mode, zMeans, answers, depth);
}

function boxOf(x, y, w, h) {
  return { x, y, w, h };
}

function centreOf(box) {
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
}

// How much larger than on a projector of 1366 x 768 everything can be.
export function growth(width, height) {
  return Math.min(Math.max(Math.min(Math.max(height / 290, 1), width / 1290), 0.6), 1.8);
}

function wideLayout(width, height, mode, zMeans) {
  const k = growth(width, height);
  // Letters shrink less than what they stand in.
  const f = Math.max(k, 0.84);
  const gaps = [92, 72, 166, 72].map((gap) => gap * k);
  const w = Math.floor((width - gaps.reduce((sum, gap) => sum + gap, 0) - 4) / 5);
  const xs = [2];
  for (const gap of gaps) xs.push(xs.at(-1) + w + gap);
  const [left, atZ, atR, atC, right] = xs;
  const h = Math.max(Math.round(height * 0.155), 34);
  // The rows: the state, what the complement of Z lets through, the gates, how they come about, the two buses.
  const top = 32 * k + h / 2;
  const low = height - h / 2 - 3;
  const share = (of) => top + (low - top) * of;
  const [split, gates, pills, busH, busX] = [0.325, 0.59, 0.83, 0.925, 1].map(share);
  const small = Math.round(h * 0.5);
  const half = Math.round(w * 0.27);
  const vectors = {
    H_prev: boxOf(left, top - h / 2, w, h),
    X: boxOf(left, busX - h / 2, w, h),
    Z: boxOf(atZ, gates - h / 2, w, h),
    R: boxOf(atR, gates - h / 2, w, h),
    H_tilde: boxOf(atC, gates - h / 2, w, h),
    kept: boxOf(atR, top - small / 2, w, small),
    H: boxOf(right, top - h / 2, w, h),
  };
  const [Z, R, C] = ["Z", "R", "H_tilde"].map((name) => centreOf(vectors[name]));
  vectors.written = boxOf(C.x - half, (top + split) / 2 - small / 2, 2 * half, small);
  const pillAt = ({ x }) => boxOf(x - w / 2, pills - 14 * k, w, 28 * k);
  const product = atR + w + 32 * k;
  const radius = 13.5 * k;
  // Over Z there is room between its name and its number for two wires.
  const keep = atZ + w * 0.52;
  const branch = atZ + w * 0.69;
  const ops = {
    keep: { x: keep, y: top, r: radius },
    sum: { x: C.x, y: top, r: radius },
    write: { x: C.x, y: split, r: radius },
    look: { x: product, y: pills, r: radius },
  };
  // The branch that takes 1 - Z: what is written where Z keeps, what is kept where Z writes.
  const above = (top + gates - h / 2) / 2 - 4;
  ops.complement = zMeans === "keeps" ? { x: branch, y: split, r: radius + 1 } : { x: keep, y: above, r: radius + 1 };
  const trunk = left + w + 20 * k;
  const looked = boxOf(product + 24 * k, pills - small / 2, atC - product - 42 * k, small);
  vectors[mode === "after" ? "looked" : "seen"] = looked;
  const [toH, toX] = [-w * 0.22, w * 0.22];
  const wires = {
    highway: [[left + w, top], [keep, top]],
    kept: [[keep, top], [C.x, top]],
    H: [[C.x, top], [right, top]],
    trunk: [[trunk, top], [trunk, busH], [product, busH], [product, pills]],
    HtoZ: [[Z.x + toH, busH], [Z.x + toH, pills]],
    HtoR: [[R.x + toH, busH], [R.x + toH, pills]],
    X: [[left + w, busX], [C.x + toX, busX], [C.x + toX, pills]],
    XtoZ: [[Z.x + toX, busX], [Z.x + toX, pills]],
    XtoR: [[R.x + toX, busX], [R.x + toX, pills]],
    makeZ: [[Z.x, pills], [Z.x, gates + h / 2]],
    makeR: [[R.x, pills], [R.x, gates + h / 2]],
    makeC: [[C.x, pills], [C.x, gates + h / 2]],
    Zkeep: [[keep, gates - h / 2], [keep, top]],
    Zwrite: [[branch, gates - h / 2], [branch, split], [C.x, split]],
    Rlook: [[atR + w, gates], [product, gates], [product, pills]],
    look: [[product, pills], [atC, pills]],
    candidate: [[C.x, gates - h / 2], [C.x, split]],
    written: [[C.x, split], [C.x, top]],
    out: [[right + w / 2, top + h / 2], [right + w / 2, split]],
  };
  const grips = Object.fromEntries(["Z", "R"].map((name) => [name, boxOf(vectors[name].x - 25 * k, vectors[name].y, 18 * k, h)]));
  const aside = { x: C.x + half + 8, y: (top + split) / 2 };
  return {
    wide: true,
    width,
    height,
    frame: boxOf(left + w + 6, 2, right - left - w - 18, height - 4),
    vectors,
    // Where the symbol stands: before the cells inside the frame, over them outside.
    nameRooms: { Z: keep - atZ - 6, H_tilde: C.x - atC - 12 },
    symbols: { Z: { x: atZ - 32 * k, y: gates + 8 * k }, R: { x: atR - 32 * k, y: gates + 8 * k }, H_tilde: { x: atC - 9 * k, y: gates + 8 * k } },
    shares: {
      kept: { x: atR + w, y: top - small / 2 - 6, anchor: "end" },
      written: { x: aside.x, y: aside.y + 15 * k, anchor: "start" },
      look: { x: looked.x + looked.w, y: looked.y + small + 16 * k, anchor: "end" },
    },
    smallNames: { written: { x: aside.x, y: aside.y - 3 * k, hidden: k < 0.95 } },
    pills: { Z: pillAt(Z), R: pillAt(R), H_tilde: pillAt(C) },
    ops,
    wires,
    grips,
    product: mode === "after" ? { x: product - 13 * k, y: busH, r: 11 * k } : null,
    readout: boxOf(right, split + 4, w, height - split - 6),
    grown: k,
    size: { symbol: 25 * f, name: 13.5 * f, number: 16.5 * f, pill: 14.5 * f, op: 18 * k, share: 16 * f },
  };
}

// One above the other, wires along the left edge.
function narrowLayout(width, mode, zMeans, answers, depth) {
  const h = 34;
  const left = 66;
  const w = width - left - 32;
  const rows = {};
  let y = 0;
  const row = (name, height, label = 22) => {
    rows[name] = boxOf(left, y + label, w, height);
    y += label + height + 8;
  };
  row("H_prev", h);
  row("X", h, 32);
  y += 4;
  const frameTop = y;
  y += 4;
  row("R", h, 58);
  row(mode === "after" ? "looked" : "seen", 18);
  row("H_tilde", h, 58);
  row("Z", h, 58);
  row("kept", 18);
  row("written", 18, 32);
  // A black box takes no more than its name needs; what is in it is not seen.
  y = depth === "box" ? frameTop + 190 : y + 2;
  const frameEnd = y;
  row("H", h, 26);
  const readout = boxOf(left - 60, y + 4, w + 60, answers);
  const height = Math.ceil(readout.y + readout.h + 2);
  const vectors = { ...rows };
  const pillOf = (name) => boxOf(left, rows[name].y - 58 + 2, Math.min(w, 210), 26);
  const pills = { R: pillOf("R"), H_tilde: pillOf("H_tilde"), Z: pillOf("Z") };
  const [laneH, laneX, laneZ] = [14, 30, 48];
  const into = (name, lane, at) => [[lane, at], [left, at]];
  const centre = (name) => rows[name].y + rows[name].h / 2;
  const pillMiddle = (name) => pills[name].y + pills[name].h / 2;
  const look = mode === "after" ? "looked" : "seen";
  const ops = {
    look: { x: laneZ, y: centre(look), r: 10 },
    keep: { x: laneZ, y: centre("kept"), r: 10 },
    write: { x: laneZ, y: centre("written"), r: 10 },
    sum: { x: laneZ, y: centre("H"), r: 10 },
    complement: { x: laneZ, y: (zMeans === "keeps" ? centre("written") : centre("kept")) - 28, r: 9 },
  };
  const down = left + Math.min(w * 0.6, 186);
  const wires = {
    highway: [[left, centre("H_prev")], [laneH, centre("H_prev")], [laneH, centre("kept")], [laneZ, centre("kept")]],
    HtoR: into("R", laneH, pillMiddle("R") - 6),
    HtoZ: into("Z", laneH, pillMiddle("Z") - 6),
    trunk: [[laneH, centre(look)], [left, centre(look)]],
    X: [[left, centre("X")], [laneX, centre("X")], [laneX, pillMiddle("Z") + 6], [left, pillMiddle("Z") + 6]],
    XtoR: into("R", laneX, pillMiddle("R") + 6),
    XtoC: into("H_tilde", laneX, pillMiddle("H_tilde") + 6),
    makeZ: [[down, pillMiddle("Z")], [down, rows.Z.y]],
    makeR: [[down, pillMiddle("R")], [down, rows.R.y]],
    makeC: [[down, pillMiddle("H_tilde")], [down, rows.H_tilde.y]],
    Rlook: [[left, centre("R")], [laneZ, centre("R")], [laneZ, centre(look)]],
    look: [[down, rows[look].y + rows[look].h], [down, pills.H_tilde.y]],
    Zkeep: [[left, centre("Z")], [laneZ, centre("Z")], [laneZ, centre("kept")]],
    kept: [[laneZ, centre("kept")], [left, centre("kept")]],
    Zwrite: [[laneZ, centre("kept")], [laneZ, centre("written")]],
    written: [[laneZ, centre("written")], [left, centre("written")]],
    H: [[laneZ, centre("written")], [laneZ, centre("H")], [left, centre("H")]],
  };
  return {
    wide: false,
    grown: 1,
    width,
    height,
    frame: boxOf(2, frameTop, width - 4, frameEnd - frameTop),
    vectors,
    pills,
    ops,
    wires,
    boxWires: {
      H_prev: [[left, centre("H_prev")], [laneH + 8, centre("H_prev")], [laneH + 8, frameTop]],
      X: [[left, centre("X")], [laneZ - 6, centre("X")], [laneZ - 6, frameTop]],
      H: [[laneX, frameEnd], [laneX, centre("H")], [left, centre("H")]],
    },
    product: null,
    symbols: {},
    nameRooms: {},
    smallNames: {},
    grips: Object.fromEntries(["Z", "R"].map((name) => [name, boxOf(left + w + 8, rows[name].y, 20, h)])),
    readout,
    shares: Object.fromEntries(
      [["kept", "kept"], ["written", "written"], ["look", look]].map(([share, name]) => [share, { x: left + w, y: rows[name].y - 5, anchor: "end" }]),
    ),
    size: { symbol: 20, name: 13, number: 15, pill: 13, op: 15, share: 14 },
  };
}
