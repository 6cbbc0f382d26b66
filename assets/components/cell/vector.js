// A vector as a row of coloured cells on a locked scale: the colour says the value, and so does the height of the line
// in the cell. Where units are more than there is room for, a cell is the mean of neighbours.

import { setOnce, setText, svg, svgText } from "./svg.js";

const LEAST_CELL = 3;

// How many neighbouring entries share a cell.
export function groupSize(entries, width) {
  return Math.max(1, Math.ceil((entries * LEAST_CELL) / width));
}

export class Vector {
  // box { x, y, w, h }; scale { table, low, high }: 256 colours from low to high; `level` draws the line in each cell.
  constructor(parent, { name, symbol, box, entries, theme, scale, level = true }) {
    this.name = name;
    this.box = box;
    this.entries = entries;
    this.scale = scale;
    this.group = groupSize(entries, box.w);
    this.count = Math.ceil(entries / this.group);
    this.cell = box.w / this.count;
    this.node = svg("g", { "data-symbol": symbol, "data-part": name }, parent);
    const gap = this.cell > 7 ? 1 : 0;
    this.cells = Array.from({ length: this.count }, (_, at) =>
      svg("rect", { x: box.x + at * this.cell + gap / 2, y: box.y, width: this.cell - gap, height: box.h }, this.node),
    );
    this.shown = new Int16Array(this.count).fill(-1);
    this.values = new Float64Array(this.count);
    this.level = level ? svg("path", { fill: "none", "stroke-width": Math.max(1.5, Math.min(3, this.cell / 5)) }, this.node) : null;
    this.under = level ? svg("path", { fill: "none", "stroke-width": Math.max(3, Math.min(6, this.cell / 3)), stroke: "#000", "stroke-opacity": 0.45 }) : null;
    if (this.level) {
      this.node.insertBefore(this.under, this.level);
      this.level.setAttribute("stroke", "#fff");
    }
    this.rim = svg("rect", { x: box.x - 0.5, y: box.y - 0.5, width: box.w + 1, height: box.h + 1, rx: 3, fill: "none", stroke: theme.frame }, this.node);
    this.mark = svg("g", { class: "mark" }, this.node);
    this.markBox = svg("rect", { y: box.y - 3, height: box.h + 6, rx: 3, fill: "none", stroke: theme.text, "stroke-width": 2.5 }, this.mark);
    this.hit = svg("rect", { x: box.x, y: box.y - 4, width: box.w, height: box.h + 8, fill: "transparent", class: "hit" }, this.node);
  }

  // The cell of an entry, and the first entry of the cell at x (in the picture's coordinates).
  cellOf(entry) {
    return Math.floor(entry / this.group);
  }

  entryAt(x) {
    const at = Math.min(Math.max(Math.floor((x - this.box.x) / this.cell), 0), this.count - 1);
    return { first: at * this.group, last: Math.min((at + 1) * this.group, this.entries) - 1 };
  }

  // Draws the values (one per entry).
  draw(values) {
    const { group, shown, scale, cells, box } = this;
    const reach = scale.high - scale.low;
    let path = "";
    for (let at = 0; at < this.count; at += 1) {
      let value = values[at * group];
      if (group > 1) {
        const last = Math.min((at + 1) * group, this.entries);
        for (let entry = at * group + 1; entry < last; entry += 1) value += values[entry];
        value /= last - at * group;
      }
      this.values[at] = value;
      const share = Math.min(Math.max((value - scale.low) / reach, 0), 1);
      const index = Math.round(share * 255);
      if (index !== shown[at]) {
        shown[at] = index;
        cells[at].setAttribute("fill", scale.table[index]);
      }
      if (this.level) {
        const y = (box.y + 2 + (1 - share) * (box.h - 4)).toFixed(1);
        path += `M${(box.x + at * this.cell + 1).toFixed(1)} ${y}h${Math.max(this.cell - 2, 1).toFixed(1)}`;
      }
    }
    if (this.level) {
      this.level.setAttribute("d", path);
      this.under.setAttribute("d", path);
    }
  }

  choose(entry) {
    if (entry === null) {
      setOnce(this.mark, "visibility", "hidden");
      return;
    }
    setOnce(this.mark, "visibility", "visible");
    const wide = Math.max(this.cell, 5);
    const x = this.box.x + (this.cellOf(entry) + 0.5) * this.cell - wide / 2;
    setOnce(this.markBox, "x", String(x - 1.5));
    setOnce(this.markBox, "width", String(wide + 3));
  }
}

// The symbol, its name and the chosen entry's number over a vector; the symbol stands before the cells where `at` says so.
export class Caption {
  constructor(parent, { symbol, index, name, box, y, at, room, numbered, colour, theme, size, data }) {
    this.node = svg("g", { "data-symbol": data }, parent);
    this.numbered = numbered;
    const place = at ?? { x: box.x, y };
    const head = svgText(this.node, symbol, place.x, place.y, { size: size.symbol, fill: colour, weight: 700, anchor: at ? "end" : "start" });
    svg("tspan", { dy: size.symbol * 0.2, "font-size": size.symbol * 0.58 }, head).textContent = index;
    const x = at ? box.x : box.x + head.getComputedTextLength() + 8;
    const called = svgText(this.node, name, x, y, { size: size.name, fill: theme.muted });
    // No name rather than one that runs into the number, or into a wire.
    const free = box.x + box.w - x - (numbered ? size.number * 3.1 : 0);
    if (called.getComputedTextLength() > Math.min(free, room ?? free)) called.remove();
    this.number = svgText(this.node, "", box.x + box.w, y, { size: size.number, fill: theme.text, weight: 650, anchor: "end" });
    this.number.setAttribute("class", "number");
  }

  say(text) {
    if (this.numbered) setText(this.number, text);
  }
}
