// Places found in the data set: each a button that opens it, with its steps tinted by how many units are on.

import { make } from "../shared/dom.js";
import { cssColour, parseColour } from "../shared/colours.js";
import { fillIn } from "../shared/text.js";
import { showInLine } from "./reading.js";

export function drawPlaces(nodes, places, { texts, spelled, colour }, act) {
  nodes.heading.textContent = places.heading;
  nodes.heading.hidden = !places.heading;
  nodes.said.textContent = places.said;
  nodes.said.hidden = !places.said;
  nodes.places.replaceChildren(...places.rows.map((place) => rowOf(place, texts, spelled, colour, act)));
}

function rowOf(place, texts, spelled, colour, act) {
  const item = make("li");
  const button = make("button", "place");
  button.type = "button";
  const words = { rank: place.rank + 1, on: place.on, of: place.of, steps: place.steps, where: place.where };
  const meta = make("span", "meta", fillIn(texts.place, words));
  const line = make("span", spelled ? "line spelled" : "line");
  let text = "";
  place.cells.forEach((label, at) => {
    const inside = at >= place.first && at < place.last;
    const cell = make("span", inside ? "cell inside" : "cell", showInLine(place.values[at] ?? label));
    if (place.values.length && label) cell.prepend(make("small", "", label));
    if (at === place.cut) line.append(make("span", "cut", "…"));
    cell.style.background = cssColour(parseColour(colour), 0.62 * place.heat[at]);
    if (inside) text += (text && !spelled ? " " : "") + showInLine(label);
    line.append(cell);
  });
  button.setAttribute("aria-label", fillIn(texts["open place"], { ...words, text }));
  button.title = fillIn(texts.open, words);
  button.dataset.rank = String(place.rank);
  button.append(make("span", "rank", String(place.rank + 1)), line, meta);
  button.onclick = () => act("open", place.rank);
  item.append(button);
  return item;
}
