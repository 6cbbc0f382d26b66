// Where everything lies: the square itself, its names around it, the colours of scores beside it.

const LARGEST = 620;
const SMALLEST = 200;

// `height` is that of the whole stage, null where only the width decides.
export function computeLayout({ width, height, hasScores }) {
  const narrow = width < 430;
  const size = narrow ? { name: 13, tick: 12, symbol: 18, bar: 10 } : { name: 14, tick: 13, symbol: 20, bar: 12 };
  const left = narrow ? 34 : 42;
  const right = hasScores ? 50 : 14;
  const [top, bottom] = [28, 50];
  const room = Math.min(width - left - right, height ? height - top - bottom : LARGEST, LARGEST);
  const side = Math.max(Math.round(room), SMALLEST);
  const offset = Math.max(Math.floor((width - left - right - side) / 2), 0);
  return {
    width,
    height: side + top + bottom,
    size,
    plot: { left: left + offset, top, side },
    bar: hasScores ? left + offset + side + 8 : null,
  };
}

export function xOf({ plot }, r) {
  return plot.left + r * plot.side;
}

export function yOf({ plot }, z) {
  return plot.top + (1 - z) * plot.side;
}

// The place of the square under a point of the stage, kept inside.
export function placeAt({ plot }, x, y) {
  const inside = (share) => Math.min(Math.max(share, 0), 1);
  return { r: inside((x - plot.left) / plot.side), z: inside(1 - (y - plot.top) / plot.side) };
}

export function isInside({ plot }, x, y, slack = 0) {
  const within = (at, from) => at >= from - slack && at <= from + plot.side + slack;
  return within(x, plot.left) && within(y, plot.top);
}
