// What Streamlit calls: on mounting, and again whenever the painting, the words or the theme change.

import { Paint } from "./paint.js";

const PAINTS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".paint");
  let paint = PAINTS.get(root);
  if (!paint) {
    paint = new Paint(root);
    PAINTS.set(root, paint);
  }
  paint.update(component);
  return () => {
    paint.destroy();
    PAINTS.delete(root);
  };
}
