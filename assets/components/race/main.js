// What Streamlit calls: on mounting, and again whenever words, lanes or the theme change.

import { Race } from "./race.js";

const RACES = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".race");
  let race = RACES.get(root);
  if (!race) {
    race = new Race(root);
    RACES.set(root, race);
  }
  race.update(component);
  return () => {
    race.destroy();
    RACES.delete(root);
  };
}
