// Values to pixels: a small image that the browser stretches onto the screen.

// Rows of the image. More units than pixels: each pixel row is the mean of its units' values (not of their
// colours). More columns than pixels: rows are drawn at full height, for smoothing must only act along time.
export function rasterRows(units, columns, deviceWidth, deviceHeight) {
  return units > deviceHeight || columns > deviceWidth ? Math.max(deviceHeight, 1) : units;
}

// `values` (units, columns) whole numbers up to `top`; `rows` the order of the units; returns a canvas.
export function paintRaster(values, columns, top, order, rows, lut, reuse) {
  const canvas = reuse ?? document.createElement("canvas");
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  }
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const shift = top === 65535 ? 8 : 0;
  const units = order.length;
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows; row += 1) {
    const first = Math.floor((row * units) / rows);
    const last = Math.max(Math.floor(((row + 1) * units) / rows), first + 1);
    const target = row * columns;
    if (last === first + 1) {
      const source = order[first] * columns;
      for (let column = 0; column < columns; column += 1) {
        pixels[target + column] = lut[values[source + column] >> shift];
      }
      continue;
    }
    sums.fill(0);
    for (let unit = first; unit < last; unit += 1) {
      const source = order[unit] * columns;
      for (let column = 0; column < columns; column += 1) sums[column] += values[source + column];
    }
    const share = 1 / (last - first);
    for (let column = 0; column < columns; column += 1) {
      pixels[target + column] = lut[Math.round(sums[column] * share) >> shift];
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
