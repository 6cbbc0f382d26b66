// What a picture that plays shows of it: its button, and whether a screen reader reads what is said.

import { nameButton } from "./dom.js";
import { setIcon } from "./icons.js";

export function showPlaying({ player, nodes, model, root }) {
  const { playing } = player;
  setIcon(nodes.buttons.play, playing ? "pause" : "play");
  if (model) nameButton(nodes.buttons.play, model.texts[playing ? "pause" : "play"]);
  // A screen reader would read every step of a film.
  nodes.sentence.setAttribute("aria-live", playing ? "off" : "polite");
  root.dataset.playing = String(playing);
}
