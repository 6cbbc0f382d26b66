// The text that was read, each symbol on the colour of its share in the chosen state.

import { contrast, parseColour } from "../shared/colours.js";
import { make } from "../shared/dom.js";
import { showBlank } from "../shared/text.js";

const [WHITE, BLACK] = [[255, 255, 255], [0, 0, 0]];

// One element per symbol, built when the text changes; `choose(step)` where one is touched.
export function buildPassage(nodes, model, { choose, hover }) {
  const { passage } = nodes;
  passage.hidden = !model.passage;
  if (!model.passage) {
    nodes.symbols = [];
    return;
  }
  const spaced = model.ticks.some((label) => [...label].length > 1);
  passage.classList.toggle("words", spaced);
  nodes.painted = new Map();
  nodes.start = make("span", "symbol start", "H₀");
  nodes.symbols = model.ticks.map((label, step) => {
    const symbol = make("span", "symbol", showBlank(label) || "·");
    symbol.dataset.step = step;
    return symbol;
  });
  // A backward layer's H_0 comes after the last step.
  const all = model.backward ? [...nodes.symbols, nodes.start] : [nodes.start, ...nodes.symbols];
  passage.replaceChildren(...all);
  const stepAt = (event) => {
    const { step } = event.target.closest(".symbol")?.dataset ?? {};
    return step === undefined ? null : Number(step);
  };
  passage.onclick = (event) => stepAt(event) !== null && choose(stepAt(event));
  passage.onpointermove = (event) => event.pointerType !== "touch" && hover(stepAt(event));
  passage.onpointerleave = () => hover(null);
}

// `part(step)` is what the state holds of a step; `state` the step whose state it is.
export function colourPassage(nodes, scene, { start, part, state }) {
  const { model } = scene;
  if (!model.passage) return;
  paint(nodes, nodes.start, scene.colour("start", start));
  nodes.symbols.forEach((symbol, step) => {
    const unread = model.backward ? step < state : step > state;
    symbol.classList.toggle("unread", unread);
    symbol.classList.toggle("state", step === state);
    paint(nodes, symbol, unread ? "" : scene.colour("written", part(step)));
  });
}

// Brings the symbol of the state into sight, without moving the page.
export function showSymbol({ passage, symbols }, step) {
  const symbol = symbols[step];
  if (!symbol || passage.hidden) return;
  const { offsetTop: top, offsetHeight: height } = symbol;
  if (top < passage.scrollTop || top + height > passage.scrollTop + passage.clientHeight) {
    // The line of the state, with what comes before it in the lines above.
    passage.scrollTop = top - passage.clientHeight + height + 2;
  }
}

// A long text has thousands of symbols, of which few change under a moving hand.
function paint({ painted }, node, colour) {
  if (painted.get(node) === colour) return;
  painted.set(node, colour);
  node.style.background = colour;
  if (!colour) {
    node.style.color = "";
    return;
  }
  // One of the two is always readable (4.5:1); the theme's own colours need not be.
  const rgb = parseColour(colour);
  node.style.color = contrast(rgb, WHITE) > contrast(rgb, BLACK) ? "#ffffff" : "#000000";
}
