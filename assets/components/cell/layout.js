// Where the parts of the cell stand, from the width, the height and the model. Pure: nothing is drawn here.
//
// A part is { x, y, w, h }, an operation { x, y, r }, a wire a list of points. `lanes` of wires: the old state runs along
// the top, the gates stand in the middle, and what they are computed from comes from below.

const WIDE = 860;

export function cellLayout({ width, height, mode, zMeans, answers }) {
  return width >= WIDE ? wideLayout(width, height, mode, zMeans) : narrowLayout(width, mode, zMeans, answers);
}

function boxOf(x, y, w, h) {
  return { x, y, w, h };
}

function centreOf(box) {
  return { x: box.x + box.w / 2, y: box.y + box.h / 2 };
}

function wideLayout(width, height, mode, zMeans) {
  const gaps = [92, 72, 168, 66];
  const w = Math.floor((width - gaps.reduce((sum, gap) => sum + gap, 0) - 4) / 5);
  const xs = [2];
  for (const gap of gaps) xs.push(xs.at(-1) + w + gap);
  const [left, atZ, atR, atC, right] = xs;
  const h = Math.max(Math.round(height * 0.155), 34);
  // The rows: the state, what the complement of Z lets through, the gates, how they come about, the two buses.
  const top = 32 + h / 2;
  const low = height - 18;
  const share = (of) => top + (low - top) * of;
  const [split, gates, pills, busH, busX] = [0.31, 0.565, 0.805, 0.925, 1].map(share);
  const small = Math.round(h * 0.52);
  const half = Math.round(w * 0.32);
  const vectors = {
    H_prev: boxOf(left, top - h / 2, w, h),
    X: boxOf(left, height - h - 2, w, h),
    Z: boxOf(atZ, gates - h / 2, w, h),
    R: boxOf(atR, gates - h / 2, w, h),
    H_tilde: boxOf(atC, gates - h / 2, w, h),
    kept: boxOf(atR, top - small / 2, w, small),
    H: boxOf(right, top - h / 2, w, h),
  };
  const [Z, R, C] = ["Z", "R", "H_tilde"].map((name) => centreOf(vectors[name]));
  vectors.written = boxOf(C.x - half, (top + split) / 2 - small / 2, 2 * half, small);
  const entry = centreOf(vectors.X).y;
  const pillAt = ({ x }) => boxOf(x - w / 2, pills - 15, w, 30);
  const product = atR + w + 34;
  const radius = 14;
  // Over Z there is room between its name and its number for two wires.
  const keep = atZ + w * 0.53;
  const branch = atZ + w * 0.72;
  const ops = {
    keep: { x: keep, y: top, r: radius },
    sum: { x: C.x, y: top, r: radius },
    write: { x: C.x, y: split, r: radius },
    look: { x: product, y: pills, r: radius },
  };
  // The branch that takes 1 - Z: what is written where Z keeps, what is kept where Z writes.
  const above = (top + gates - h / 2) / 2 - 4;
  ops.complement = zMeans === "keeps" ? { x: branch, y: split, r: radius + 1 } : { x: keep, y: above, r: radius + 1 };
  const trunk = left + w + 20;
  const looked = boxOf(product + 24, pills - small / 2, atC - product - 42, small);
  vectors[mode === "after" ? "looked" : "seen"] = looked;
  const wires = {
    highway: [[left + w, top], [keep, top]],
    kept: [[keep, top], [C.x, top]],
    H: [[C.x, top], [right, top]],
    trunk: [[trunk, top], [trunk, busH], [product, busH], [product, pills]],
    HtoZ: [[Z.x - 40, busH], [Z.x - 40, pills]],
    HtoR: [[R.x - 40, busH], [R.x - 40, pills]],
    X: [[left + w, entry], [trunk + 14, entry], [trunk + 14, busX], [C.x + 40, busX], [C.x + 40, pills]],
    XtoZ: [[Z.x + 40, busX], [Z.x + 40, pills]],
    XtoR: [[R.x + 40, busX], [R.x + 40, pills]],
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
  const grips = Object.fromEntries(["Z", "R"].map((name) => [name, boxOf(vectors[name].x - 25, vectors[name].y, 18, h)]));
  return {
    wide: true,
    width,
    height,
    frame: boxOf(left + w + 6, 2, right - left - w - 18, height - 4),
    vectors,
    // Where the symbol stands: before the cells inside the frame, over them outside.
    symbols: { Z: { x: atZ - 32, y: gates + 8 }, R: { x: atR - 32, y: gates + 8 }, H_tilde: { x: atC - 9, y: gates + 8 } },
    shares: {
      kept: { x: atR + w, y: top - small / 2 - 6, anchor: "end" },
      written: { x: C.x + half + 8, y: (top + split) / 2 + 15, anchor: "start" },
      look: { x: looked.x + looked.w, y: looked.y - 6, anchor: "end" },
    },
    smallNames: { written: { x: C.x + half + 8, y: (top + split) / 2 - 4 } },
    pills: { Z: pillAt(Z), R: pillAt(R), H_tilde: pillAt(C) },
    ops,
    wires,
    grips,
    product: mode === "after" ? { x: product, y: busH, r: radius } : null,
    readout: boxOf(right, split + 2, w, height - split - 4),
    size: { symbol: 26, name: 14.5, number: 17, pill: 14.5, op: 19, share: 16 },
  };
}

// One above the other, wires along the left edge.
function narrowLayout(width, mode, zMeans, answers) {
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
  row("X", h);
  y += 4;
  const frameTop = y;
  y += 4;
  row("R", h, 58);
  row(mode === "after" ? "looked" : "seen", 18);
  row("H_tilde", h, 58);
  row("Z", h, 58);
  row("kept", 18);
  row("written", 18);
  y += 2;
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
    complement: { x: laneZ, y: (zMeans === "keeps" ? centre("written") : centre("kept")) - 20, r: 9 },
  };
  const wires = {
    highway: [[left, centre("H_prev")], [laneH, centre("H_prev")], [laneH, centre("kept")], [laneZ, centre("kept")]],
    HtoR: into("R", laneH, pillMiddle("R") - 6),
    HtoZ: into("Z", laneH, pillMiddle("Z") - 6),
    trunk: [[laneH, centre(look)], [laneZ, centre(look)]],
    X: [[left, centre("X")], [laneX, centre("X")], [laneX, pillMiddle("Z") + 6], [left, pillMiddle("Z") + 6]],
    XtoR: into("R", laneX, pillMiddle("R") + 6),
    XtoC: into("H_tilde", laneX, pillMiddle("H_tilde") + 6),
    makeZ: [[left + 30, pills.Z.y], [left + 30, centre("Z")]],
    makeR: [[left + 30, pills.R.y], [left + 30, centre("R")]],
    makeC: [[left + 30, pills.H_tilde.y], [left + 30, centre("H_tilde")]],
    Rlook: [[left, centre("R")], [laneZ, centre("R")], [laneZ, centre(look)]],
    look: [[laneZ, centre(look)], [left, centre(look)], [left + 10, centre(look)], [left + 10, pillMiddle("H_tilde")]],
    Zkeep: [[left, centre("Z")], [laneZ, centre("Z")], [laneZ, centre("kept")]],
    kept: [[laneZ, centre("kept")], [left, centre("kept")]],
    Zwrite: [[laneZ, centre("kept")], [laneZ, centre("written")]],
    written: [[laneZ, centre("written")], [left, centre("written")]],
    H: [[laneZ, centre("written")], [laneZ, centre("H")], [left, centre("H")]],
  };
  return {
    wide: false,
    width,
    height,
    frame: boxOf(2, frameTop, width - 4, frameEnd - frameTop),
    vectors,
    pills,
    ops,
    wires,
    product: null,
    symbols: {},
    smallNames: {},
    grips: Object.fromEntries(["Z", "R"].map((name) => [name, boxOf(left + w + 8, rows[name].y, 20, h)])),
    readout,
    shares: Object.fromEntries(
      [["kept", "kept"], ["written", "written"], ["look", look]].map(([share, name]) => [share, { x: left + w, y: rows[name].y - 5, anchor: "end" }]),
    ),
    size: { symbol: 20, name: 13, number: 15, pill: 13, op: 15, share: 14 },
  };
}
