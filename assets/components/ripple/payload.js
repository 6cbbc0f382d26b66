// Reads the block of bytes that gru_ui/components/ripple.py writes.

// The header with every array reference replaced by a typed array.
export function resolveRipple(model, resolve) {
  const all = (table) => Object.fromEntries(Object.entries(table).map(([name, ref]) => [name, ref && resolve(ref)]));
  model.reads = resolve(model.reads);
  if (model.rows) model.rows = resolve(model.rows);
  const { live, recorded } = model;
  if (live) {
    live.x = resolve(live.x);
    live.cells = live.cells.map(({ weights, h0, held, reverse }) => ({
      weights: all(weights),
      h0: resolve(h0),
      held: Object.fromEntries(Object.entries(held).map(([gate, parts]) => [gate, parts && all(parts)])),
      reverse,
    }));
    if (live.readout) Object.assign(live.readout, all({ weight: live.readout.weight, bias: live.readout.bias }));
  }
  if (recorded) {
    for (const name of ["strength", "carrier", "size"]) recorded[name] = resolve(recorded[name]);
    recorded.sizes = all(recorded.sizes);
    if (recorded.answer) recorded.answer = all(recorded.answer);
  }
}
