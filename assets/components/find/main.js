// What Streamlit calls: on mounting, and again whenever the data, the words or the theme change.

import { Find } from "./find.js";

const FINDS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".find");
  let find = FINDS.get(root);
  if (!find) {
    find = new Find(root);
    FINDS.set(root, find);
  }
  find.update(component);
  return () => {
    find.destroy();
    FINDS.delete(root);
  };
}
