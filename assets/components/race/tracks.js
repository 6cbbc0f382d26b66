// The lanes: a bar from the score of guessing to the best there is, and the numbers beside it.

import { drawFlag } from "../shared/chart.js";
import { fillIn, fitText, wrapText } from "../shared/text.js";
import { factsOf, lastOf, scoreText } from "./words.js";

const FLAG_HEIGHT = 16;

// A score on a track: 0 at guessing, 1 at the best.
function shareOf(model, score) {
  return Math.min(Math.max((score - model.chance) / (1 - model.chance), 0), 1);
}

export function drawTracks(surface, race) {
  const { layout, model, theme, lanes } = race;
  const { size, track } = layout;
  drawHead(surface, race);
  lanes.forEach((lane, index) => drawLane(surface, race, lane, layout.lanes[index], index));
  if (model.learnedScore === null) return;
  const x = track.left + shareOf(model, model.learnedScore) * track.width;
  for (const { bar } of layout.lanes) {
    surface.path([x, bar.top - 5, x, bar.top + bar.height + 5], { colour: theme.paper, width: 4 });
    surface.path([x, bar.top - 5, x, bar.top + bar.height + 5], { colour: theme.text, width: 2, dash: [3, 2] });
  }
  // The words for it end where the track does, if those at its start leave them room.
  const words = fillIn(model.texts["learned from"], { score: scoreText(model, model.learnedScore) });
  const both = surface.measure(words, size.tick) + surface.measure(guessText(model), size.tick) + 12;
  if (both > track.width) return;
  surface.text(words, track.left + track.width, layout.head - 6, { size: size.tick, colour: theme.muted, align: "right" });
}

function guessText(model) {
  return fillIn(model.texts.guessing, { chance: scoreText(model, model.chance) });
}

function drawHead(surface, { layout, model, theme }) {
  const { size, track, columns, head } = layout;
  const ink = { size: size.tick, colour: theme.muted };
  surface.text(guessText(model), track.left, head - 6, ink);
  if (!columns) return;
  for (const { right, lines } of columns) {
    lines.forEach((line, row) => {
      const y = head - 6 - (lines.length - 1 - row) * size.row;
      surface.text(line, right, y, { ...ink, align: "right" });
    });
  }
}

function drawLane(surface, race, lane, place, index) {
  const { layout, model, theme, inks, dashes } = race;
  const { size, wide, columns, width } = layout;
  const { name, note, bar, score, state } = place;
  const ink = inks[index];
  const facts = factsOf(race, lane);
  if (wide && index > 0) surface.path([0, place.top + 0.5, width, place.top + 0.5], { colour: theme.faint });
  surface.path([2, name.y - 6, 26, name.y - 6], { colour: ink, width: 4, dash: dashes[index] });
  const room = name.room ?? bar.left - name.x - 8;
  surface.text(fitText(surface, lane.name, room, size.name, 700), name.x, name.y, {
    size: size.name,
    weight: 700,
    colour: theme.text,
  });
  const notes = note.lines ?? [fitText(surface, lane.note, note.room, size.note)];
  notes.forEach((line, row) => {
    surface.text(line, note.x, note.y + row * size.row, { size: size.note, colour: theme.muted });
  });

  surface.rect(bar.left, bar.top, bar.width, bar.height, { fill: theme.faint, radius: 4 });
  const value = lastOf(lane.score);
  const long = Number.isFinite(value) ? shareOf(model, value) * bar.width : 0;
  if (long >= 1) surface.rect(bar.left, bar.top, long, bar.height, { fill: ink, radius: Math.min(4, long / 2) });
  const large = { size: size.score, weight: 750, colour: theme.text, align: "right" };
  surface.text(facts.score, score.right, score.y, large);

  if (facts.learned) drawFlag(surface, state.x - 16, state.y + 3, state.y + 3 - FLAG_HEIGHT, ink);
  const weight = facts.learned ? 700 : 500;
  const colour = facts.learned ? theme.text : theme.muted;
  surface.text(facts.state, state.x + (facts.learned ? 4 : wide ? -16 : -20), state.y, { size: size.title, weight, colour });

  if (columns) {
    const plain = { size: size.title, colour: theme.text, align: "right" };
    for (const { name: column, right } of columns) if (column) surface.text(facts[column], right, place.facts, plain);
    return;
  }
  const words = fillIn(model.texts["facts in words"], facts);
  const lines = wrapText(words, width - 4, (text) => surface.measure(text, size.note));
  lines.forEach((line, row) => {
    surface.text(line, 0, place.facts + row * size.row, { size: size.note, colour: theme.muted });
  });
}
