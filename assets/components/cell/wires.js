// Wires: a faint line that says where numbers go, and over it a bright one that says how much gets through.

import { arrowHead, roundedPath, setOnce, svg } from "./svg.js";

// What each wire belongs to, whose colour it has, what decides its brightness, and whether it ends in an arrow.
// `through` is the name of a share in [0, 1]: kept, written, look; "full" for what is never held back.
export const WIRES = {
  trunk: { symbol: "H_prev", colour: "H", through: "full" },
  highway: { symbol: "H_prev", colour: "H", through: "full", arrow: 15 },
  X: { symbol: "X", colour: "X", through: "full", arrow: 16 },
  HtoZ: { symbol: "H_prev", colour: "H", through: "full", arrow: 16, over: true },
  HtoR: { symbol: "H_prev", colour: "H", through: "full", arrow: 16, over: true },
  XtoZ: { symbol: "X", colour: "X", through: "full", arrow: 16, over: true },
  XtoR: { symbol: "X", colour: "X", through: "full", arrow: 16, over: true },
  XtoC: { symbol: "X", colour: "X", through: "full", arrow: 16, over: true },
  makeZ: { symbol: "Z", colour: "Z", through: "full" },
  makeR: { symbol: "R", colour: "R", through: "full" },
  makeC: { symbol: "H_tilde", colour: "H_tilde", through: "full" },
  Rlook: { symbol: "R", colour: "R", through: "full", arrow: 15 },
  look: { symbol: "R H_prev", colour: "H", through: "look", arrow: 2 },
  Zkeep: { symbol: "Z", colour: "Z", through: "full", arrow: 15 },
  Zwrite: { symbol: "Z", colour: "Z", through: "full", arrow: 15 },
  candidate: { symbol: "H_tilde", colour: "H_tilde", through: "full", arrow: 15 },
  kept: { symbol: "Z H_prev H", colour: "H", through: "kept", arrow: 15 },
  written: { symbol: "Z H_tilde H", colour: "H_tilde", through: "written", arrow: 15 },
  H: { symbol: "H", colour: "H", through: "full", arrow: 1 },
  out: { symbol: "H Y", colour: "H", through: "full", arrow: 1 },
};

const THIN = 2;
const THICK = 7;

export class Wires {
  constructor(parent, { wires, wide }, colours, theme) {
    this.drawn = [];
    for (const [name, what] of Object.entries(WIRES)) {
      const points = wires[name];
      if (!points) continue;
      const node = svg("g", { "data-symbol": what.symbol, "data-wire": name }, parent);
      const d = roundedPath(points);
      const colour = colours[what.colour];
      if (what.over) svg("path", { d, fill: "none", stroke: theme.paper, "stroke-width": 8 }, node);
      svg("path", { d, fill: "none", stroke: theme.faint, "stroke-width": THIN }, node);
      const bright = svg("path", { d, fill: "none", stroke: colour, "stroke-width": THIN, "stroke-linejoin": "round" }, node);
      let head = null;
      if (what.arrow && wide) head = svg("polygon", { points: arrowHead(points, 5, what.arrow), fill: colour }, node);
      this.drawn.push({ bright, head, through: what.through });
    }
  }

  // shares: { kept, written, look } in [0, 1].
  draw(shares) {
    for (const { bright, head, through } of this.drawn) {
      if (through === "full") {
        setOnce(bright, "stroke-width", "2.5");
        setOnce(bright, "stroke-opacity", "0.8");
        continue;
      }
      const share = Math.min(Math.max(shares[through], 0), 1);
      bright.setAttribute("stroke-width", (THIN + share * (THICK - THIN)).toFixed(2));
      bright.setAttribute("stroke-opacity", (0.1 + 0.9 * share).toFixed(3));
      if (head) head.setAttribute("opacity", (0.25 + 0.75 * share).toFixed(3));
    }
  }
}
