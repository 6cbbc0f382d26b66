// What Streamlit calls: on mounting, and again whenever numbers, words or the theme change.

import { Ripples } from "./ripples.js";

const RIPPLES = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".ripple");
  let picture = RIPPLES.get(root);
  if (!picture) {
    picture = new Ripples(root);
    RIPPLES.set(root, picture);
  }
  picture.update(component);
  return () => {
    picture.destroy();
    RIPPLES.delete(root);
  };
}
