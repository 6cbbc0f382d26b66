// What Streamlit calls: on mounting, and again whenever numbers, words or the theme change.

import { Connectivity } from "./connectivity.js";

const TEXTS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".connectivity");
  let text = TEXTS.get(root);
  if (!text) {
    text = new Connectivity(root);
    TEXTS.set(root, text);
  }
  text.update(component);
  return () => TEXTS.delete(root);
}
