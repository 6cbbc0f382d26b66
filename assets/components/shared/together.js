// Pictures of one page that stand at the same step: one that plays takes the others along, without the server. Each
// component has a module scope of its own, so they meet at the window, under the name that the page gave them all.

const SAME_STEP = "gatescope-step";

export function tellStep(group, step, source) {
  if (group) globalThis.dispatchEvent(new CustomEvent(SAME_STEP, { detail: { group, step, source } }));
}

// Calls listener(step) whenever another picture of the group moves; returns what ends that.
export function onStep(source, groupOf, listener) {
  const heard = ({ detail }) => detail.source !== source && detail.group === groupOf() && listener(detail.step);
  globalThis.addEventListener(SAME_STEP, heard);
  return () => globalThis.removeEventListener(SAME_STEP, heard);
}
