// Pointer and keys. Handlers are assigned, not added, so that wiring twice does no harm.

import { chartValue, nearestIndex } from "../shared/chart.js";
import { placeOn } from "../shared/live.js";

// What lies at a place of the stage: { kind: "scrub" | "chart" | "cell" | "bin" | "none", ... }.
export function hitTest(film, { x, y }) {
  const { layout, charts, bar, model } = film;
  const within = (place, slack = 0) =>
    x >= place.left - slack && x <= place.left + place.width + slack && y >= place.top && y <= place.top + place.height;
  if (y >= layout.scrub.start && y <= layout.scrub.end) return { kind: "scrub", update: chartValue(bar, x) };
  for (const chart of [charts.loss, charts.score]) {
    if (!within(chart, 6)) continue;
    const update = chartValue(chart, x);
    return { kind: "chart", update, point: nearestIndex(film.curves.update, update) };
  }
  const share = (place) => Math.min(Math.max((x - place.left) / place.width, 0), 0.999999);
  for (const place of layout.panels) {
    if (!within(place)) continue;
    const row = Math.min(Math.floor(((y - place.top) / place.height) * model.units), model.units - 1);
    return { kind: "cell", row, step: Math.floor(share(place) * model.steps) };
  }
  const gate = layout.hists.findIndex((place) => within(place));
  return gate < 0 ? { kind: "none" } : { kind: "bin", gate, share: share(layout.hists[gate]) };
}

const CURSORS = { scrub: "ew-resize", chart: "ew-resize", cell: "crosshair", bin: "crosshair", none: "" };

export function wirePointer(film) {
  const { stage } = film.nodes;
  let drag = null;

  stage.onpointerdown = (event) => {
    if (!film.layout || event.button > 0) return;
    film.nodes.saveBox.open = false;
    const at = placeOn(stage, event);
    const hit = hitTest(film, at);
    if (hit.kind !== "scrub" && hit.kind !== "chart") {
      if (event.pointerType === "touch") film.setHover(hit.kind === "none" ? null : { ...hit, ...at });
      return;
    }
    stage.setPointerCapture(event.pointerId);
    drag = { pointer: event.pointerId, axis: hit.kind === "scrub" ? film.bar : film.charts.loss };
    film.setHover(null);
    film.grab(true);
    film.goToUpdate(hit.update);
  };

  stage.onpointermove = (event) => {
    if (!film.layout) return;
    const at = placeOn(stage, event);
    if (drag) {
      if (drag.pointer === event.pointerId) film.goToUpdate(chartValue(drag.axis, at.x));
      return;
    }
    const hit = hitTest(film, at);
    stage.style.cursor = CURSORS[hit.kind];
    film.setHover(hit.kind === "none" ? null : { ...hit, ...at });
  };

  const finish = (event) => {
    if (!drag || drag.pointer !== event.pointerId) return;
    drag = null;
    film.grab(false);
    film.report(40);
  };
  stage.onpointerup = finish;
  stage.onpointercancel = finish;
  stage.onpointerleave = (event) => event.pointerType !== "touch" && film.setHover(null);
}

export const KEYS = { ArrowLeft: "back", ArrowRight: "forward", Home: "first", End: "last", " ": "play" };
