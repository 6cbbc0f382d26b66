// What Streamlit calls: on mounting, and again whenever the data or the theme change.

import { Heatmaps } from "./heatmaps.js";

const PICTURES = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".gatescope");
  let picture = PICTURES.get(root);
  if (!picture) {
    picture = new Heatmaps(root);
    PICTURES.set(root, picture);
  }
  picture.update(component);
  return () => {
    picture.destroy();
    PICTURES.delete(root);
  };
}
