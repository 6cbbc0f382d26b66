// What tests and stylesheets read: attributes of the root, and functions on it.

import { placeOf } from "./picture.js";

export function expose({ root, revision, chosen, points, theme }) {
  Object.assign(root.dataset, {
    revision,
    step: chosen.step,
    input: chosen.input,
    points: points.length,
    stable: points.filter(({ stability }) => stability === "stable").length,
    dropped: chosen.starts.length,
    theme: theme.name,
    waiting: false,
  });
}

export function hookOf(picture) {
  return {
    points: () => picture.points,
    arrows: () => picture.arrows,
    nullclines: () => picture.nullclines,
    own: () => picture.own,
    ways: () => picture.ways,
    kept: () => picture.kept,
    chosen: () => picture.chosen,
    placeOf: (state) => placeOf(picture.layout, state),
  };
}
