// The brushed stretch among what stands around it, to be read where the steps are too narrow for their labels.

import { make } from "../shared/dom.js";
import { showBlank } from "../shared/text.js";

const AROUND = 36;
const FEW = 4;

// In running text a space is a space; only what has no width is shown by a sign.
export function showInLine(label) {
  return label === " " ? " " : showBlank(label);
}

export function drawReading(node, { labels, offset, shown, spelled }, { start, stop }) {
  node.hidden = !labels.some(Boolean);
  node.classList.toggle("spelled", spelled);
  const part = (from, to) =>
    labels.slice(Math.max(from - offset, 0), Math.min(to - offset, shown)).map(showInLine).join(spelled ? "" : " ");
  const reach = spelled ? AROUND : FEW;
  const long = stop - start > 3 * reach;
  const within = long ? `${part(start, start + reach)} … ${part(stop - reach, stop)}` : part(start, stop);
  node.replaceChildren(
    make("span", "before", part(start - reach, start)),
    make("mark", "", within),
    make("span", "behind", part(stop, stop + reach)),
  );
}
