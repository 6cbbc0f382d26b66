// Where everything goes, from the width and the height. Pure: nothing is drawn here.

const WIDE = 700;

const SIZES = {
  wide: { title: 14, tick: 13, lane: 22, bars: 74, bar: 12, row: 17 },
  narrow: { title: 13, tick: 11, lane: 20, bars: 64, bar: 8, row: 15 },
};

// measure(text, size, weight) -> width; `height` is that of the stage on a wide screen.
export function computeLayout({ width, height, model, measure }) {
  const wide = width >= WIDE;
  const size = SIZES[wide ? "wide" : "narrow"];
  const { texts, steps, units } = model;
  const left = Math.ceil(Math.max(measure(String(steps - 1), size.tick), measure(texts.full, size.tick), 26)) + 10;
  const right = Math.ceil(measure("100%", size.tick)) + size.bar + 14;
  const beside = wide ? Math.min(Math.max(width * 0.27, 230), 330) : 0;
  const gap = wide ? 34 : 0;
  const inner = width - left - right - beside - gap;
  const start = Math.max(Math.round(inner * 0.04), 14);
  const plot = { left: left + start + 6, width: inner - start - 6 };
  const low = wide && height < 310;
  const bars = { top: size.lane, height: low ? size.bars * 0.66 : size.bars, title: size.lane - 7 };
  const mapTop = bars.top + bars.height + size.lane + 2;
  const axis = size.row * 2 + 4;
  const tall = wide ? Math.max(height - mapTop - axis, 120) : Math.min(Math.max(inner * 0.8, 200), 320);
  const map = { top: mapTop, height: Math.floor(tall), title: mapTop - 7 };
  const bottom = map.top + map.height;
  const rows = Math.min(Math.max(units * (wide ? 15 : 16), 40), 240);
  const lane = wide ? 0 : bottom + axis + 6;
  const numbers = Math.ceil(measure(String(units - 1), size.tick)) + 8;
  const listLeft = wide ? width - beside + numbers : numbers + 4;
  const list = {
    title: lane + size.lane - 7,
    top: lane + size.lane,
    left: listLeft,
    width: width - listLeft - Math.ceil(measure(texts.longer, size.tick, 650)) - 10,
    height: wide ? Math.min(bottom - size.lane, Math.max(units * 22, 44)) : rows,
  };
  const ends = Math.max(bottom + axis, list.top + list.height + axis);
  return {
    width,
    height: Math.ceil(ends),
    wide,
    size,
    start: { left, width: start },
    plot,
    bars,
    map,
    list,
    axis: { top: bottom, steps: bottom + size.row - 2, symbols: bottom + 2 * size.row - 2 },
    colours: { left: plot.left + plot.width + 6, width: size.bar },
  };
}

export function rowTop({ map }, model, row) {
  return map.top + (row / model.rows) * map.height;
}

export function columnLeft({ plot }, model, column) {
  return plot.left + (column / model.rows) * plot.width;
}

export function listRow({ list }, model, place) {
  const height = list.height / model.units;
  return { top: list.top + place * height, height };
}

// Where a half-life stands on the bars' axis, which begins at 0 and goes with the logarithm of 1 + steps.
export function lifePlace({ list }, model, steps) {
  const most = Math.log1p(model.seen);
  return list.width * (Number.isFinite(steps) ? Math.min(Math.log1p(steps) / most, 1) : 1);
}
