// What holds at the place under the pointer: the state, its step, and the gates and the candidate there.

import { showTooltip } from "../shared/dom.js";
import { formatValue } from "../shared/text.js";
import { stateAt } from "./picture.js";
import { placeText } from "./words.js";

export function showPlace({ nodes, hover, layout, plane, model, inks }) {
  if (!hover) {
    nodes.tooltip.hidden = true;
    return;
  }
  const h = stateAt(layout, hover.x, hover.y);
  const both = (values) => values.map((value) => formatValue(value, 2)).join("  ");
  const { texts } = model;
  const lines = [
    { text: texts.state, value: placeText(h), strong: true },
    { text: texts.arrow, value: placeText(plane.change(h)) },
    { text: "R", ink: inks.R, value: both(plane.gate("R", h)) },
    { text: "Z", ink: inks.Z, value: both(plane.gate("Z", h)) },
    { text: "H̃", ink: inks.H_tilde, value: both(plane.candidate(h)) },
  ];
  showTooltip(nodes, lines, hover.x, hover.y);
}
