// Pointer, wheel and keys. Handlers are assigned, not added, so that wiring twice does no harm.

import { rowSpan } from "../shared/marks.js";
import { stepToX, xToStep } from "./layout.js";
import { isStepVisible } from "./picture.js";
import { panWindow, snapWindow, zoomWindow } from "./view.js";

const CLICK_SLACK = 5;
const GRAB = { mouse: 7, pen: 10, touch: 18 };

// What lies at a place of the stage: { kind, step, row, panel }.
export function hitTest(heatmaps, x, y, pointerType = "mouse") {
  const { scene } = heatmaps;
  const { layout, window, model } = scene;
  const { plot, axis } = layout;
  const inside = x >= plot.left && x <= plot.left + plot.width;
  const raw = xToStep(layout, window, Math.min(Math.max(x, plot.left), plot.left + plot.width - 0.01));
  const step = Math.min(Math.max(Math.floor(raw), 0), model.steps - 1);
  const grab = GRAB[pointerType] ?? GRAB.mouse;
  const nearCursor =
    isStepVisible(scene, scene.cursor) && Math.abs(x - stepToX(layout, window, scene.cursor + 0.5)) <= grab;
  const onAxis = y >= axis.top - 4 && y <= axis.top + axis.height + 4;
  if (onAxis) {
    const kind = Math.abs(x - stepToX(layout, window, scene.cursor + 0.5)) <= Math.max(grab, 14) ? "cursor" : "axis";
    return inside || kind === "cursor" ? { kind, step, row: null } : { kind: "none", step, row: null };
  }
  if (!inside || y < layout.panels[0].top || y > axis.top) return { kind: "none", step, row: null };
  for (let panel = 0; panel < layout.panels.length; panel += 1) {
    const place = layout.panels[panel];
    if (y < place.top || y > place.top + place.height) continue;
    const row = Math.min(Math.max(Math.floor(((y - place.top) / place.height) * model.units), 0), model.units - 1);
    const kind = nearCursor && pointerType === "mouse" && !withinChosenRow(scene, y) ? "line" : "panel";
    return { kind, step, row, panel };
  }
  if (nearCursor) return { kind: "line", step, row: null };
  const strip = [layout.lines, layout.outputs].some((place) => place && y >= place.top && y <= place.top + place.height);
  return { kind: strip ? "strip" : "title", step, row: null };
}

function withinChosenRow({ layout, order, unit }, y) {
  if (unit === null) return false;
  return layout.panels.some((place) => {
    const { top, height } = rowSpan(place, order.length, order.indexOf(unit));
    return y >= top && y <= top + height;
  });
}

const CURSORS = { cursor: "ew-resize", line: "ew-resize", axis: "crosshair", panel: "crosshair", strip: "crosshair", title: "", none: "" };

export function wirePointer(heatmaps) {
  const { stage } = heatmaps.nodes;
  const pointers = new Map();
  let drag = null;

  const place = (event) => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const stepsPerPixel = () => (heatmaps.window.to - heatmaps.window.from) / heatmaps.scene.layout.plot.width;

  const startPinch = () => {
    const [one, two] = [...pointers.values()];
    drag = { kind: "pinch", distance: Math.max(Math.abs(one.x - two.x), 20), window: heatmaps.window };
    drag.anchor = xToStep(heatmaps.scene.layout, drag.window, (one.x + two.x) / 2);
    drag.middle = (one.x + two.x) / 2;
    heatmaps.setHover(null);
  };

  stage.onpointerdown = (event) => {
    if (!heatmaps.scene || event.target.closest("button") || event.button > 1) return;
    heatmaps.nodes.saveBox.open = false;
    const at = place(event);
    pointers.set(event.pointerId, at);
    stage.setPointerCapture(event.pointerId);
    if (pointers.size === 2) return startPinch();
    if (pointers.size > 2) return undefined;
    const hit = hitTest(heatmaps, at.x, at.y, event.pointerType);
    drag = { kind: "press", hit, start: at, window: heatmaps.window, touch: event.pointerType === "touch", moved: false };
    if (hit.kind === "cursor" || hit.kind === "line") drag.kind = hit.kind;
    else if (event.shiftKey || event.button === 1) drag.kind = "pan";
    if (drag.kind === "cursor") heatmaps.grabCursor(true);
    // The browser would start scrolling.
    if (event.button === 1) event.preventDefault();
    return undefined;
  };

  stage.onpointermove = (event) => {
    if (!heatmaps.scene) return;
    const at = place(event);
    if (!pointers.has(event.pointerId)) {
      const hit = hitTest(heatmaps, at.x, at.y, event.pointerType);
      stage.style.cursor = CURSORS[hit.kind];
      heatmaps.setHover(hit.kind === "none" ? null : { ...hit, ...at });
      return;
    }
    pointers.set(event.pointerId, at);
    if (!drag) return;
    if (drag.kind === "pinch") {
      if (pointers.size < 2) return;
      const [one, two] = [...pointers.values()];
      const factor = drag.distance / Math.max(Math.abs(one.x - two.x), 20);
      const zoomed = zoomWindow(drag.window, heatmaps.model.steps, factor, drag.anchor);
      const shift = ((one.x + two.x) / 2 - drag.middle) * ((zoomed.to - zoomed.from) / heatmaps.scene.layout.plot.width);
      heatmaps.setWindow(panWindow(zoomed, heatmaps.model.steps, -shift));
      return;
    }
    const dx = at.x - drag.start.x;
    if (Math.abs(dx) > CLICK_SLACK || Math.abs(at.y - drag.start.y) > CLICK_SLACK) drag.moved = true;
    if (drag.kind === "cursor" || (drag.kind === "line" && drag.moved)) {
      heatmaps.grabCursor(true);
      heatmaps.setCursor(hitTest(heatmaps, at.x, at.y, event.pointerType).step);
    } else if (drag.kind === "pan") {
      heatmaps.setWindow(panWindow(drag.window, heatmaps.model.steps, -dx * stepsPerPixel()));
    } else if (drag.touch) {
      // One finger across the panels reads values; up and down is the page's own scrolling.
      const hit = hitTest(heatmaps, at.x, at.y, event.pointerType);
      if (drag.hit.kind === "axis") heatmaps.setCursor(hit.step);
      else heatmaps.setHover(hit.kind === "none" ? null : { ...hit, ...at });
    } else if (drag.moved && drag.hit.kind !== "none") {
      const { layout } = heatmaps.scene;
      heatmaps.setBand({ from: xToStep(layout, heatmaps.window, drag.start.x), to: xToStep(layout, heatmaps.window, at.x) });
    }
  };

  const finish = (event, cancelled) => {
    if (!pointers.delete(event.pointerId) || !drag) return;
    if (drag.kind === "pinch") {
      if (pointers.size === 0) drag = null;
      heatmaps.setWindow(snapWindow(heatmaps.window, heatmaps.model.steps), true);
      return;
    }
    const { kind, hit, moved, touch } = drag;
    const { band } = heatmaps;
    drag = null;
    heatmaps.grabCursor(false);
    heatmaps.setBand(null);
    if (cancelled) return;
    if (kind === "cursor" || (kind === "line" && moved)) heatmaps.report(40);
    else if (kind === "pan") heatmaps.setWindow(snapWindow(heatmaps.window, heatmaps.model.steps), true);
    else if (band && Math.abs(band.to - band.from) >= 1) heatmaps.zoomTo(band);
    else if (!moved) click(event, hit);
    else if (touch) heatmaps.report(40);
  };

  const click = (event, hit) => {
    if (hit.row !== null) heatmaps.toggleUnit(heatmaps.scene.order[hit.row]);
    else if (hit.kind === "axis" || hit.kind === "strip") heatmaps.setCursor(hit.step, 40);
    if (event.pointerType === "touch") heatmaps.setHover(hit.kind === "none" ? null : { ...hit, ...place(event) });
  };

  stage.onpointerup = (event) => finish(event, false);
  stage.onpointercancel = (event) => finish(event, true);
  stage.onpointerleave = (event) => {
    if (!pointers.has(event.pointerId) && event.pointerType !== "touch") heatmaps.setHover(null);
  };
  stage.ondblclick = (event) => {
    if (!event.target.closest("button")) heatmaps.act("zoom reset");
  };

  // The wheel belongs to the page, unless it is meant for the picture: over the time axis, with Ctrl (which is also
  // what a pinch on a touchpad sends), or once the picture has the focus.
  stage.onwheel = (event) => {
    if (!heatmaps.scene) return;
    const { x, y } = place(event);
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY);
    const meant = event.ctrlKey || event.metaKey || hitTest(heatmaps, x, y).kind === "axis" || heatmaps.isFocused();
    if (sideways || event.shiftKey) {
      const distance = (sideways ? event.deltaX : event.deltaY) * stepsPerPixel();
      const panned = panWindow(heatmaps.window, heatmaps.model.steps, distance);
      if (panned.from === heatmaps.window.from) return;
      event.preventDefault();
      heatmaps.settleWindow(panned);
    } else if (meant) {
      const unit = event.deltaMode === 1 ? 33 : 1;
      const factor = Math.exp(Math.min(Math.max(event.deltaY * unit, -120), 120) * (event.ctrlKey ? 0.006 : 0.003));
      const zoomed = zoomWindow(heatmaps.window, heatmaps.model.steps, factor, xToStep(heatmaps.scene.layout, heatmaps.window, x));
      if (zoomed.from === heatmaps.window.from && zoomed.to === heatmaps.window.to) return;
      event.preventDefault();
      heatmaps.settleWindow(zoomed);
    }
  };
}

export const KEYS = {
  ArrowLeft: "back",
  ArrowRight: "forward",
  Home: "first",
  End: "last",
  ArrowUp: "unit before",
  ArrowDown: "unit after",
  Escape: "close",
  "+": "zoom in",
  "=": "zoom in",
  "-": "zoom out",
  0: "zoom reset",
  " ": "play",
};
