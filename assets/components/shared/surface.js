// Two surfaces with one small vocabulary, so that the screen, a PNG and an SVG are drawn by the same lines.
// Coordinates are CSS pixels; the y of a text is its baseline.

export class CanvasSurface {
  constructor(canvas, font) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.font = font;
  }

  // Sets the size (only when it changes, for that blanks the canvas) and starts a fresh picture.
  begin(width, height, scale) {
    const [deviceWidth, deviceHeight] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== deviceWidth || this.canvas.height !== deviceHeight) {
      this.canvas.width = deviceWidth;
      this.canvas.height = deviceHeight;
    }
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.context.clearRect(0, 0, width, height);
  }

  measure(text, size, weight = 400) {
    this.context.font = `${weight} ${size}px ${this.font}`;
    return this.context.measureText(text).width;
  }

  text(text, x, y, { size, colour, weight = 400, align = "left" }) {
    this.context.font = `${weight} ${size}px ${this.font}`;
    this.context.textAlign = align;
    this.context.fillStyle = colour;
    this.context.fillText(text, x, y);
  }

  rect(x, y, width, height, { fill, stroke, line = 1, radius = 0 }) {
    this.context.beginPath();
    if (radius) this.context.roundRect(x, y, width, height, radius);
    else this.context.rect(x, y, width, height);
    if (fill) {
      this.context.fillStyle = fill;
      this.context.fill();
    }
    if (stroke) {
      this.context.strokeStyle = stroke;
      this.context.lineWidth = line;
      this.context.stroke();
    }
  }

  // points: x0, y0, x1, y1, ...
  path(points, { colour, width = 1, dash = [] }) {
    this.context.beginPath();
    for (let at = 0; at < points.length; at += 2) this.context.lineTo(points[at], points[at + 1]);
    this.context.strokeStyle = colour;
    this.context.lineWidth = width;
    this.context.lineJoin = "round";
    this.context.setLineDash(dash);
    this.context.stroke();
    this.context.setLineDash([]);
  }

  // A filled outline through x0, y0, x1, y1, ...
  shape(points, { fill }) {
    this.context.beginPath();
    for (let at = 0; at < points.length; at += 2) this.context.lineTo(points[at], points[at + 1]);
    this.context.fillStyle = fill;
    this.context.fill();
  }

  circle(x, y, radius, { fill, stroke, line = 1 }) {
    this.context.beginPath();
    this.context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      this.context.fillStyle = fill;
      this.context.fill();
    }
    if (stroke) {
      this.context.strokeStyle = stroke;
      this.context.lineWidth = line;
      this.context.stroke();
    }
  }

  // Columns from..to of an image into a rectangle; `smooth` where several columns share a pixel.
  image(image, from, to, x, y, width, height, smooth) {
    this.context.imageSmoothingEnabled = smooth;
    this.context.imageSmoothingQuality = "high";
    this.context.drawImage(image, from, 0, to - from, image.height, x, y, width, height);
  }

  clipped(x, y, width, height, draw) {
    this.context.save();
    this.context.beginPath();
    this.context.rect(x, y, width, height);
    this.context.clip();
    draw();
    this.context.restore();
  }
}

const SVG_SPACE = "http://www.w3.org/2000/svg";

function pointList(points) {
  return Array.from(points, (value) => value.toFixed(2)).join(" ");
}

export class SvgSurface {
  // Text is measured on `ruler`, a CanvasSurface with the same font.
  constructor(width, height, ruler) {
    this.ruler = ruler;
    this.root = this.element("svg", { width, height, viewBox: `0 0 ${width} ${height}` });
    this.parent = this.root;
    this.clips = 0;
  }

  element(name, attributes, parent = null) {
    const node = document.createElementNS(SVG_SPACE, name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== undefined && value !== null) node.setAttribute(key, value);
    }
    if (parent) parent.appendChild(node);
    return node;
  }

  measure(text, size, weight = 400) {
    return this.ruler.measure(text, size, weight);
  }

  text(text, x, y, { size, colour, weight = 400, align = "left" }) {
    const anchor = { left: "start", center: "middle", right: "end" }[align];
    const node = this.element(
      "text",
      { x, y, "font-size": size, "font-weight": weight, fill: colour, "text-anchor": anchor, "font-family": this.ruler.font },
      this.parent,
    );
    node.textContent = text;
  }

  rect(x, y, width, height, { fill, stroke, line = 1, radius = 0 }) {
    const paint = { fill: fill ?? "none", stroke, "stroke-width": stroke ? line : null, rx: radius || null };
    this.element("rect", { x, y, width, height, ...paint }, this.parent);
  }

  path(points, { colour, width = 1, dash = [] }) {
    const list = pointList(points);
    this.element(
      "polyline",
      { points: list, fill: "none", stroke: colour, "stroke-width": width, "stroke-linejoin": "round", "stroke-dasharray": dash.join(" ") || null },
      this.parent,
    );
  }

  shape(points, { fill }) {
    this.element("polygon", { points: pointList(points), fill }, this.parent);
  }

  circle(x, y, radius, { fill, stroke, line = 1 }) {
    this.element("circle", { cx: x, cy: y, r: radius, fill: fill ?? "none", stroke, "stroke-width": line }, this.parent);
  }

  image(image, from, to, x, y, width, height, smooth) {
    const frame = this.element(
      "svg",
      { x, y, width, height, viewBox: `${from} 0 ${to - from} ${image.height}`, preserveAspectRatio: "none" },
      this.parent,
    );
    const picture = this.element(
      "image",
      { width: image.width, height: image.height, preserveAspectRatio: "none", href: image.toDataURL("image/png") },
      frame,
    );
    if (!smooth) picture.setAttribute("style", "image-rendering: pixelated");
  }

  clipped(x, y, width, height, draw) {
    const id = `clip${(this.clips += 1)}`;
    this.element("rect", { x, y, width, height }, this.element("clipPath", { id }, this.parent));
    const outside = this.parent;
    this.parent = this.element("g", { "clip-path": `url(#${id})` }, outside);
    draw();
    this.parent = outside;
  }

  toString() {
    return new XMLSerializer().serializeToString(this.root);
  }
}
