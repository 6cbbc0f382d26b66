// Labels that stand beside each other and must not be taken for one another.

import { STRIDES, cutText } from "./text.js";

// Rows of labels under the same columns of a picture, with the smallest stride at which they stand apart in every row.
// A row is { labels, measure, width, apart }, in pixels, and becomes a list of { text, middle }, from the left edge.
export function placeTicks(rows) {
  const names = Object.keys(rows);
  const spread = (stride) => names.map((name) => spreadLabels(rows[name], stride));
  const stride = STRIDES.find((tried) => spread(tried).every(Boolean)) ?? Infinity;
  const placed = spread(stride);
  return { stride, ...Object.fromEntries(names.map((name, at) => [name, placed[at]])) };
}

// Every stride-th label, those at the edges moved inside; null where two of them come too near each other.
function spreadLabels({ labels, measure, width, apart }, stride) {
  const placed = [];
  let edge = -Infinity;
  for (let at = 0; at < labels.length; at += stride) {
    const half = measure(labels[at]) / 2;
    const middle = Math.min(Math.max(((at + 0.5) / labels.length) * width, half), width - half);
    if (middle - half < edge + apart) return null;
    edge = middle + half;
    placed.push({ text: labels[at], middle });
  }
  return placed;
}

// The text without as much of its middle as must be: words, or letters where its first and last word are too long.
function cutMiddle(text, room, measure) {
  for (const [pieces, between, gap] of [[text.split(/\s+/), " ", " … "], [[...text], "", "…"]]) {
    for (let kept = pieces.length - 1; kept > 1; kept -= 1) {
      const head = pieces.slice(0, Math.floor(kept / 2)).join(between).replace(/[\s,;:]+$/, "");
      const tried = head + gap + pieces.slice(pieces.length - Math.ceil(kept / 2)).join(between).trimStart();
      if (measure(tried) <= room) return tried;
    }
  }
  return cutText(text, room, measure);
}

// Names no wider than `room`: cut at their end where they must be, in their middle if two would be the same then, and
// with their number in front where even that does not tell them apart.
export function tellApart(names, room, measure) {
  const numbered = (at) => (name, ...how) => cutText(`${at + 1} ${name}`, ...how);
  let shown = names.map((name) => cutText(name, room, measure));
  for (const way of [() => cutMiddle, numbered]) {
    const same = shown.map((text, at) => text !== names[at] && shown.filter((other) => other === text).length > 1);
    shown = shown.map((text, at) => (same[at] ? way(at)(names[at], room, measure) : text));
  }
  return shown;
}
