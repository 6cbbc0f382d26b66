// The frames that came, by run and layer: kept beyond a picture's life, so that one that Streamlit takes down and
// puts up again has them still. The oldest sets go once all of them together are too large.

const LARGEST = 64 * 2 ** 20;

const SETS = new Map();

// A frame is { index, update, values, shares, answer }: values (panels, units, steps) bytes over the locked ranges.
export function framesOf(run, layer) {
  const name = `${run} ${layer}`;
  const frames = SETS.get(name) ?? [];
  SETS.delete(name);
  SETS.set(name, frames);
  return frames;
}

export function addFrames(frames, feed, resolve, gates, cells) {
  if (!feed.frames) return;
  const { first, updates, answers } = feed.frames;
  const values = resolve(feed.frames.values);
  const shares = resolve(feed.frames.shares);
  const bins = gates.length ? shares.length / gates.length / updates.length : 0;
  updates.forEach((update, at) => {
    frames[first + at] = {
      index: first + at,
      update,
      values: values.subarray(at * cells, (at + 1) * cells),
      shares: gates.map((_, gate) => shares.subarray((at * gates.length + gate) * bins, (at * gates.length + gate + 1) * bins)),
      answer: answers[at],
    };
  });
  forget(frames);
}

// The first frame of `total` that never came, or null.
export function firstMissing(frames, total) {
  for (let index = 0; index < total; index += 1) {
    if (!frames[index]) return index;
  }
  return null;
}

function forget(kept) {
  let size = 0;
  for (const [name, frames] of [...SETS].reverse()) {
    size += frames.reduce((sum, frame) => sum + frame.values.length, 0);
    if (size > LARGEST && frames !== kept) SETS.delete(name);
  }
}
