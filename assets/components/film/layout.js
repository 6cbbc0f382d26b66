// Where everything goes, from the width, the height and the cell. Pure: nothing is drawn here.

const WIDE = 760;

const SIZES = {
  wide: { head: 22, symbol: 19, title: 15, tick: 13, bar: 12, lane: 22, row: 16, least: 54, hist: 42, value: 19 },
  narrow: { head: 18, symbol: 15, title: 13, tick: 11, bar: 8, lane: 20, row: 14, least: 40, hist: 44, value: 15 },
};

const COLUMNS = { gru: 2, lstm: 3, rnn: 1 };

// measure(text, size, weight) -> width.
export function computeLayout({ width, height, model, hasSymbols, measure }) {
  const wide = width >= WIDE;
  const size = SIZES[wide ? "wide" : "narrow"];
  const { texts, panels, units } = model;
  const widest = (list, weight) => Math.max(0, ...list.map((text) => measure(text, size.tick, weight)));
  const gates = panels.filter(({ scale }) => scale === "gate").length;
  const columns = COLUMNS[model.cell];
  const rows = Math.ceil(panels.length / columns);

  const rowNames = [texts.unit, texts.step, String(units - 1), ...(hasSymbols ? [texts.symbol] : [])];
  const unitWidth = Math.ceil(widest([...rowNames, gates ? "100%" : ""]) + 8);
  const barWidth = Math.ceil(size.bar + 12 + widest(["−1", "0.5"]));
  const levels = Math.ceil(widest([texts.updates, ...model.scoreTicks.map(({ text }) => text), "0.00"]) + 10);
  const axis = size.row * (hasSymbols ? 2 : 1) + 2;
  const histLane = gates ? size.lane + size.hist + size.row + 2 : 0;

  const head = { baseline: size.head + 2, answer: wide ? size.head + 2 : size.head + 2 + size.lane, left: 0 };
  const top = wide ? size.head + 12 : size.head + size.lane + 12;
  const scrubHeight = size.row + 20 + size.row + 4;
  const left = wide ? Math.min(Math.max(Math.round(width * 0.32), 260), 460) : width;
  const films = { left: wide ? left + 30 : 0, width: wide ? width - left - 30 : width };
  const body = wide ? height - top - scrubHeight - 6 : null;

  const fixed = rows * (size.lane + 4) + axis + histLane;
  const share = wide ? Math.floor((body - fixed) / rows) : Math.max(Math.min(units * 3, 96), 72) * (rows > 1 ? 1 : 1.6);
  const panelHeight = evenRows(Math.max(share, size.least), units);
  const gap = wide ? 16 : 8;
  const inner = films.width - unitWidth - barWidth;
  const cell = (inner - gap * (columns - 1)) / columns;
  const column = (at) => ({ left: films.left + unitWidth + at * (cell + gap), width: cell });
  let y = top;
  const places = [];
  const bars = [];
  for (let row = 0; row < rows; row += 1) {
    for (let at = 0; at < columns && places.length < panels.length; at += 1) {
      places.push({ ...column(at), title: y + size.lane - 7, top: y + size.lane, height: panelHeight, first: at === 0 });
    }
    bars.push({ x: films.left + films.width - barWidth + 6, panel: row * columns, place: places[row * columns] });
    y += size.lane + panelHeight + 4;
  }
  const steps = { top: y - 3, symbols: hasSymbols ? y + size.row - 5 : null, numbers: y + axis - 6 };
  y += axis;
  const hists = panels.slice(0, gates).map((_, at) => ({
    ...column(at),
    title: y + size.lane - 7,
    top: y + size.lane,
    height: size.hist,
    ticks: y + size.lane + size.hist + size.row - 3,
    first: at === 0,
  }));
  y += histLane;

  const chartTop = wide ? top : y + 6;
  const chartBody = wide ? Math.max(y - top, body) : 2 * (size.lane + 80) + size.row + 8;
  const chartHeight = Math.floor((chartBody - 2 * size.lane - size.row - 14) / 2);
  const chart = (at) => {
    const start = chartTop + at * (size.lane + chartHeight + 8);
    return { left: levels, width: left - levels - 10, title: start + size.lane - 9, top: start + size.lane, height: chartHeight };
  };
  const charts = { loss: chart(0), score: chart(1), ticks: chartTop + 2 * (size.lane + chartHeight) + 8 + size.row + 3 };
  y = Math.max(y, charts.ticks + 4);

  const scrubLeft = Math.ceil(widest([texts.updates]) + 14);
  const scrub = {
    left: scrubLeft,
    width: width - scrubLeft - 14,
    words: y + size.row + 1,
    top: y + size.row + 12,
    height: 8,
    ticks: y + size.row + 20 + size.row + 4,
    start: y + 4,
    end: y + scrubHeight + 4,
  };
  return { width, height: scrub.end + 2, wide, size, head, films, panels: places, bars, steps, hists, charts, scrub };
}

// A height in which every unit's row has the same number of pixels, if that costs little.
function evenRows(height, units) {
  const even = Math.floor(height / units) * units;
  return even >= height * 0.88 ? even : Math.floor(height);
}
