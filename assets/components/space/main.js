// What Streamlit calls: on mounting, and again whenever the paths, the words or the theme change.

import { Space } from "./space.js";

const SPACES = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".space");
  let space = SPACES.get(root);
  if (!space) {
    space = new Space(root);
    SPACES.set(root, space);
  }
  space.update(component);
  return () => {
    space.destroy();
    SPACES.delete(root);
  };
}
