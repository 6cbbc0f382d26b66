// What Streamlit calls: on mounting, and again whenever the model, the sequence, the gates or the theme change.

import { Portrait } from "./portrait.js";

const PORTRAITS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".portrait");
  let portrait = PORTRAITS.get(root);
  if (!portrait) {
    portrait = new Portrait(root);
    PORTRAITS.set(root, portrait);
  }
  portrait.update(component);
  return () => {
    portrait.destroy();
    PORTRAITS.delete(root);
  };
}
