// What Streamlit calls: on mounting, and again whenever the data or the theme change.

import { Ledger } from "./ledger.js";

const LEDGERS = new WeakMap();

export default function mount(component) {
  const root = component.parentElement.querySelector(".ledger");
  let ledger = LEDGERS.get(root);
  if (!ledger) {
    ledger = new Ledger(root);
    LEDGERS.set(root, ledger);
  }
  ledger.update(component);
  return () => {
    ledger.destroy();
    LEDGERS.delete(root);
  };
}
