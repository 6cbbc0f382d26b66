// What Streamlit calls: on mounting, and again whenever words, sizes or the theme change.

import { Film } from "./film.js";

const FILMS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".film");
  let film = FILMS.get(root);
  if (!film) {
    film = new Film(root);
    FILMS.set(root, film);
  }
  film.update(component);
  return () => {
    film.destroy();
    FILMS.delete(root);
  };
}
