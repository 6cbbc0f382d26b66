// A row of painted gates as text, as gru_core/painting.py writes it: runs of a value, or l for learned.

export function writeRow(values) {
  const runs = [];
  for (const value of values) {
    const word = value === null ? "l" : String(value);
    const last = runs.at(-1);
    if (last && last.word === word) last.times += 1;
    else runs.push({ word, times: 1 });
  }
  if (runs.at(-1)?.word === "l") runs.pop();
  return runs.map(({ word, times }) => (times > 1 ? `${word}x${times}` : word)).join("_");
}

// A gate in few signs: 0, 1, .5, .25.
export function shortValue(value) {
  return String(Math.round(value * 100) / 100).replace(/^0\./, ".");
}

export function shareText(share) {
  if (share === 0) return "0";
  const percent = share * 100;
  if (percent < 1) return "<1%";
  if (percent > 99 && share < 1) return ">99%";
  return `${Math.round(percent)}%`;
}
