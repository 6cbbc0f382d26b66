// Words and numbers as they stand in a picture: filled in, rounded, broken and shortened. `surface` measures.

export function fillIn(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function together(sentences) {
  // No blank behind a full-width mark, which has one of its own.
  return sentences.filter(Boolean).join(" ").replaceAll(/([。；：？！）]) /g, "$1");
}

export function formatValue(value, digits) {
  const text = value.toFixed(digits);
  // No "−0.000": what rounds to nothing has no sign.
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace("-", "−");
}

export function formatTick(value) {
  const text = Math.abs(value) >= 1000 || value === 0 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}

// Lines no wider than `room`, broken between words, or between the signs of scripts that write without spaces.
export function wrapText(text, room, measure) {
  const pieces = text.match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? [text];
  const lines = [""];
  for (const piece of pieces) {
    const longer = lines.at(-1) + piece;
    if (lines.at(-1) === "" || measure(longer.trimEnd()) <= room) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trimEnd());
}

// Characters that leave no ink get a sign.
export function showBlank(label) {
  if (label === " ") return "␣";
  return label.replace(/\n/g, "⏎").replace(/\t/g, "⇥").replace(/\r/g, "");
}

export const STRIDES = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10000, 20000, 50000];

export function strideFor(least) {
  return STRIDES.find((stride) => stride >= least) ?? Math.ceil(least / 100000) * 100000;
}

// The text, or as much of it as fits with an ellipsis.
export function cutText(text, room, measure) {
  if (measure(text) <= room) return text;
  let kept = [...text];
  while (kept.length > 0 && measure(`${kept.join("")}…`) > room) kept.pop();
  return `${kept.join("")}…`;
}

export function fitText(surface, text, room, size, weight = 400) {
  return cutText(text, room, (tried) => surface.measure(tried, size, weight));
}
