// What Streamlit calls: on mounting, and again whenever the data or the theme change.

import { Square } from "./square.js";

const PICTURES = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".square");
  let picture = PICTURES.get(root);
  if (!picture) {
    picture = new Square(root);
    PICTURES.set(root, picture);
  }
  picture.update(component);
  return () => {
    picture.destroy();
    PICTURES.delete(root);
  };
}
