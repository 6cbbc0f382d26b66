// The part of the time axis that is looked at: { from, to } in steps, step t covering [t, t + 1).

const SMALLEST = 3;

export function fullWindow(steps) {
  return { from: 0, to: steps };
}

export function isFull(window, steps) {
  return window.from <= 0 && window.to >= steps;
}

// A window of the same length inside [0, steps].
function insideAxis(from, length, steps) {
  const size = Math.min(Math.max(length, Math.min(SMALLEST, steps)), steps);
  const start = Math.min(Math.max(from, 0), steps - size);
  return { from: start, to: start + size };
}

// `factor` < 1 shows fewer steps; what is at `anchor` stays where it is.
export function zoomWindow(window, steps, factor, anchor) {
  const length = (window.to - window.from) * factor;
  const share = (anchor - window.from) / (window.to - window.from);
  const size = Math.min(Math.max(length, Math.min(SMALLEST, steps)), steps);
  return insideAxis(anchor - share * size, size, steps);
}

export function panWindow(window, steps, by) {
  return insideAxis(window.from + by, window.to - window.from, steps);
}

// Whole steps, so that a window can be named, sent and compared.
export function snapWindow(window, steps) {
  const from = Math.round(window.from);
  return insideAxis(from, Math.max(Math.round(window.to), from + 1) - from, steps);
}

// The same window moved, if it must, so that a step can be seen.
export function windowShowing(window, steps, step) {
  if (step >= window.from && step + 1 <= window.to) return window;
  const length = window.to - window.from;
  return insideAxis(step - length * (step < window.from ? 0.9 : 0.1), length, steps);
}
