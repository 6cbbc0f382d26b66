// What guessing scores, from where a task counts as learned, their names, and the flag where it was learned.

import { FLAG, chartX, chartY, drawFlag } from "../shared/chart.js";
import { fillIn } from "../shared/text.js";
import { scoreText } from "./words.js";

// What it costs a name to lie on another name, to be crossed by the other line, to stand away from its own, or to
// interrupt it; a point of a curve costs 2.
const COST = { name: 1000, crossed: 40, far: 20, broken: 3, point: 2 };

// How many points of the curves lie in a box, and the flag.
function crossings({ curves, fedFacts }, chart, { left, right, top, bottom }) {
  let found = 0;
  const test = (x, y) => (found += x > left && x < right && y > top && y < bottom ? 1 : 0);
  for (const values of [curves.score, curves.train_score]) {
    let before = null;
    for (let at = 0; at < values.length; at += 1) {
      if (Number.isNaN(values[at])) continue;
      const point = [chartX(chart, curves.update[at]), chartY(chart, values[at])];
      const from = before ?? point;
      for (const share of [0.25, 0.5, 0.75, 1]) {
        test(from[0] + (point[0] - from[0]) * share, from[1] + (point[1] - from[1]) * share);
      }
      before = point;
    }
  }
  if (fedFacts.learnedAt !== null) {
    const x = chartX(chart, fedFacts.learnedAt);
    if (x + FLAG > left && x < right) found += 5;
  }
  return found;
}

function meet(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}

// The best place for a line's name: near its line, where the curves, the flag, the other line (at the heights in
// `crossed`) and the names that stand (`taken`) leave room. `ys` are baselines: two beside the line, one further
// away; besides, the name may stand in its line, which it interrupts.
function placeName(surface, film, chart, { text, line, ys, crossed, taken }) {
  const { layout, fedFacts } = film;
  const { tick } = layout.size;
  const width = surface.measure(text, tick, 600);
  const [first, last] = [chart.left + 7, chart.left + chart.width - 6 - width];
  const xs = [last, first];
  if (fedFacts.learnedAt !== null) {
    const flag = chartX(chart, fedFacts.learnedAt);
    xs.push(...[flag - width - 6, flag + FLAG + 6].filter((x) => x >= first && x <= last));
  }
  // Never beyond the chart: a line at its very edge has its name beside it.
  const [highest, lowest] = [chart.top + tick * 0.75 + 2, chart.top + chart.height - tick * 0.2 - 2];
  const inLine = Math.min(Math.max(line + tick * 0.36, highest), lowest);
  const beside = ys.map((y, rank) => ({ y, extra: rank > 1 ? COST.far : 0 })).filter(({ y }) => y >= highest && y <= lowest);
  const heights = [...beside, { y: inLine, extra: COST.broken, broken: true }];
  const places = heights.flatMap((height) => xs.map((x) => ({ ...height, x })));
  let best = null;
  for (const place of places) {
    const { x, y, extra } = place;
    const box = { left: x - 3, right: x + width + 3, top: y - tick * 0.75 - 1, bottom: y + tick * 0.2 + 1 };
    const cost =
      extra +
      COST.point * crossings(film, chart, box) +
      COST.name * taken.filter((other) => meet(box, other)).length +
      COST.crossed * crossed.filter((height) => height > box.top && height < box.bottom).length;
    if (!best || cost < best.cost) best = { ...place, box, cost };
  }
  return best;
}

function drawLines(surface, film, chart) {
  const { theme, model, layout } = film;
  const { tick } = layout.size;
  const { texts, chance, learnedScore } = model;
  const guess = chartY(chart, chance);
  const named = [
    {
      text: fillIn(texts.guessing, { chance: scoreText(model, chance) }),
      line: guess,
      dash: [6, 4],
      ys: [guess - 6, guess + tick + 3, guess - tick - 8],
    },
  ];
  if (learnedScore !== null) {
    const line = chartY(chart, learnedScore);
    const text = fillIn(texts["learned from"], { score: scoreText(model, learnedScore) });
    named.push({ text, line, dash: [2, 3], ys: [line + tick + 4, line - 6, line + 2 * tick + 8] });
  }
  for (const { line, dash } of named) {
    surface.path([chart.left, line, chart.left + chart.width, line], { colour: theme.muted, width: 1.4, dash });
  }
  const taken = [];
  for (const name of named) {
    const crossed = named.filter((other) => other !== name).map(({ line }) => line);
    const { x, y, box, broken } = placeName(surface, film, chart, { ...name, crossed, taken });
    taken.push(box);
    if (broken) surface.rect(box.left, box.top, box.right - box.left, box.bottom - box.top, { fill: theme.paper });
    surface.text(name.text, x, y, { size: tick, weight: 600, colour: theme.muted });
  }
}

export function drawReferences(surface, film) {
  const { theme, charts, fedFacts } = film;
  drawLines(surface, film, charts.score);
  if (fedFacts.learnedAt === null) return;
  for (const place of [charts.loss, charts.score]) {
    const x = chartX(place, fedFacts.learnedAt);
    surface.path([x, place.top, x, place.top + place.height], { colour: theme.text, width: 1.4, dash: [3, 3] });
    const foot = place.top + place.height;
    const side = x > place.left + place.width - FLAG ? -1 : 1;
    if (place === charts.score) drawFlag(surface, x, foot, foot - 2 * FLAG, theme.text, side);
  }
}
