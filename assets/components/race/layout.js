// Where everything goes, from the width, the height and the lanes' names. Pure: nothing is drawn here.

import { cutText, wrapText } from "../shared/text.js";

const WIDE = 760;

// The shortest track on which two scores can be compared; where names and numbers leave less, all stands below each other.
const TRACK = 120;

const SIZES = {
  wide: { name: 18, note: 14, tick: 13, title: 15, score: 24, row: 17, bar: 18, lane: 46 },
  narrow: { name: 16, note: 13, tick: 12, title: 14, score: 20, row: 16, bar: 14, lane: 0 },
};

const SWATCH = 34;

// measure(text, size, weight) -> width; `samples` holds the widest text that each column may come to hold.
export function computeLayout({ width, height, model, samples, measure }) {
  const beside = width >= WIDE ? wideLanes(width, SIZES.wide, model, samples, measure) : null;
  const wide = beside !== null && beside.track.width >= TRACK;
  const size = SIZES[wide ? "wide" : "narrow"];
  const top = wide ? beside : narrowLanes(width, size, model, samples, measure);
  const names = Math.ceil(Math.max(...model.lanes.map(({ name }) => measure(name, size.tick, 700))));
  const right = Math.min(names + 10, wide ? 130 : 96);
  const gap = 34;
  const chartWidth = wide ? (width - gap) / 2 : width;
  const left = Math.ceil(Math.max(measure(samples.level, size.tick), measure(model.texts.updates, size.tick))) + 10;
  let y = top.bottom + (wide ? 14 : 20);
  const tall = wide ? Math.max(height - y - 24 - size.row - 10, 150) : 150;
  const charts = ["score", "gradient"].map((kind, at) => {
    const title = chartTitle(model, kind, chartWidth, wide ? 1 : 2, (text) => measure(text, size.title, 650));
    const lane = wide ? 24 : title.length * size.row + 6;
    const x = wide ? at * (chartWidth + gap) : 0;
    const chart = {
      kind,
      lines: title,
      from: x,
      title: y + size.title,
      left: x + left,
      width: chartWidth - left - right,
      top: y + lane,
      height: tall,
      ticks: y + lane + tall + size.row,
      right: x + chartWidth,
    };
    if (!wide) y += lane + tall + size.row + 20;
    return chart;
  });
  if (wide) y += 24 + tall + size.row + 8;
  return { width, height: Math.ceil(y), wide, size, ...top, charts };
}

// No more lines than there is room for above the plot; what stands in brackets is left out where it does not fit.
function chartTitle({ texts, scoreName, delayWords }, kind, width, most, measure) {
  const long = kind === "score" ? scoreName : delayWords;
  const title = kind === "score" ? texts["score title"] : texts["gradient title"];
  const whole = long ? `${title} (${long})` : title;
  const lines = [whole, title].map((text) => wrapText(text, width - 10, measure)).find(({ length }) => length <= most);
  return lines ?? [cutText(title, width - 10, measure)];
}

// One row per lane: name and note, track, score, state, and columns of numbers.
function wideLanes(width, size, { lanes, texts }, samples, measure) {
  const names = lanes.flatMap(({ name, note }) => [measure(name, size.name, 700), measure(note, size.note)]);
  const label = Math.min(Math.ceil(Math.max(...names)) + SWATCH + 18, Math.round(width * 0.27));
  const columns = [];
  let right = width;
  for (const name of ["gradient", "time", "weights"]) {
    const head = wrapText(texts[name], 104, (text) => measure(text, size.tick));
    const widest = Math.max(measure(samples[name], size.title), ...head.map((text) => measure(text, size.tick)));
    columns.unshift({ name, right, lines: head });
    right -= Math.ceil(widest) + 22;
  }
  const state = Math.ceil(Math.max(...samples.states.map((text) => measure(text, size.title, 700)))) + 42;
  const score = Math.ceil(measure(samples.score, size.score, 750)) + 22;
  const track = { left: label, width: right - state - score - label - 8 };
  const lines = wrapText(texts.score, score, (text) => measure(text, size.tick));
  columns.push({ name: null, right: track.left + track.width + score, lines });
  const head = Math.max(...columns.map(({ lines }) => lines.length)) * size.row + 6;
  const places = lanes.map((_, at) => {
    const top = head + at * size.lane;
    return {
      top,
      height: size.lane,
      name: { x: SWATCH, y: top + 19 },
      note: { x: SWATCH, y: top + 37, room: label - SWATCH - 10 },
      bar: { ...track, top: top + (size.lane - size.bar) / 2, height: size.bar },
      score: { right: track.left + track.width + score, y: top + size.lane / 2 + size.score * 0.36 },
      state: { x: track.left + track.width + score + 34, y: top + size.lane / 2 + size.title * 0.36 },
      facts: top + size.lane / 2 + size.title * 0.36,
    };
  });
  return { head, columns, track, lanes: places, bottom: head + lanes.length * size.lane };
}

// A block per lane: name, note, track with its score, state, and the numbers in words.
function narrowLanes(width, size, { lanes, texts }, samples, measure) {
  const score = Math.ceil(measure(samples.score, size.score, 750)) + 8;
  const track = { left: 0, width: width - 2 };
  let y = size.row + 4;
  const places = lanes.map(({ note }) => {
    const top = y;
    const notes = note ? wrapText(note, width - 4, (text) => measure(text, size.note)) : [];
    const facts = wrapText(samples.facts(texts), width - 4, (text) => measure(text, size.note)).length;
    const bar = top + 30 + notes.length * size.row;
    const state = bar + size.bar + size.row + 3;
    y = state + facts * size.row + 20;
    return {
      top,
      height: y - top,
      name: { x: SWATCH, y: top + 20, room: width - SWATCH - score },
      note: { x: 0, y: top + 20 + size.row, lines: notes },
      bar: { ...track, top: bar, height: size.bar },
      score: { right: width, y: top + 22 },
      state: { x: 20, y: state },
      facts: state + size.row + 2,
    };
  });
  return { head: size.row, columns: null, track, lanes: places, bottom: y - 8 };
}
