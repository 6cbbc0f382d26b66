// Pointer and keys: dragging turns the picture, a click puts the cursor on a step or chooses a point.

import { placeOn } from "../shared/live.js";
import { turned, zoomed } from "./view.js";

const SLACK = 4;
const NEAR = { mouse: 14, pen: 16, touch: 26 };

// What is nearest to a place of the stage: { kind: "point" or "step", index, path }, or null.
export function hitTest(space, x, y, pointerType = "mouse") {
  const { scene } = space;
  const near = NEAR[pointerType] ?? NEAR.mouse;
  const nearest = (places) => {
    let [found, least] = [-1, near];
    for (let at = 0; at < places.length; at += 3) {
      const apart = Math.hypot(places[at] - x, places[at + 1] - y);
      if (apart < least) [found, least] = [at / 3, apart];
    }
    return { index: found, apart: least };
  };
  const point = nearest(scene.onScreen.get("points"));
  if (point.index >= 0) return { kind: "point", index: point.index };
  let best = null;
  for (const path of scene.model.paths) {
    const { index, apart } = nearest(scene.onScreen.get(path));
    // Where two paths are equally near the main one counts.
    if (index >= 0 && (!best || apart < best.apart - (best.path.main ? 0 : -1))) best = { kind: "step", index, apart, path };
  }
  return best;
}

export function wirePointer(space) {
  const { stage, saveBox } = space.nodes;
  let drag = null;

  stage.onpointerdown = (event) => {
    if (!space.scene || event.button > 0) return;
    saveBox.open = false;
    const at = placeOn(stage, event);
    drag = { id: event.pointerId, start: at, view: space.view, moved: false };
    stage.setPointerCapture(event.pointerId);
  };

  stage.onpointermove = (event) => {
    if (!space.scene) return;
    const at = placeOn(stage, event);
    if (!drag || drag.id !== event.pointerId) {
      const hit = hitTest(space, at.x, at.y, event.pointerType);
      stage.style.cursor = hit ? "pointer" : "";
      space.setHover(hit && { ...hit, ...at });
      return;
    }
    const [dx, dy] = [at.x - drag.start.x, at.y - drag.start.y];
    if (Math.hypot(dx, dy) > SLACK) drag.moved = true;
    if (!drag.moved) return;
    stage.classList.add("turning");
    space.setHover(null);
    const { deep } = space.scene;
    space.setView(deep ? turned(drag.view, dx * 0.01, dy * 0.01) : { ...drag.view, x: drag.view.x + dx, y: drag.view.y + dy });
  };

  const finish = (event, cancelled) => {
    if (!drag || drag.id !== event.pointerId) return;
    const { moved } = drag;
    drag = null;
    stage.classList.remove("turning");
    if (moved || cancelled) return;
    const at = placeOn(stage, event);
    const hit = hitTest(space, at.x, at.y, event.pointerType);
    if (!hit) space.choosePoint(null);
    else if (hit.kind === "point") space.choosePoint(hit.index);
    else space.setIndex(hit.index, 40);
    if (event.pointerType === "touch") space.setHover(hit && { ...hit, ...at });
  };

  stage.onpointerup = (event) => finish(event, false);
  stage.onpointercancel = (event) => finish(event, true);
  stage.onpointerleave = () => space.setHover(null);
  stage.ondblclick = () => space.act("zoom reset");

  // The wheel belongs to the page, unless it is meant for the picture.
  stage.onwheel = (event) => {
    if (!space.scene || !(event.ctrlKey || event.metaKey || space.isFocused())) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 33 : 1);
    space.setView(zoomed(space.view, Math.exp(-Math.min(Math.max(pixels, -120), 120) * 0.003)));
  };
}

export const KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  ArrowUp: "point before",
  ArrowDown: "point after",
  Escape: "close",
  "+": "zoom in",
  "=": "zoom in",
  "-": "zoom out",
  0: "zoom reset",
  ",": "turn left",
  ".": "turn right",
  PageUp: "turn up",
  PageDown: "turn down",
  " ": "play",
};
