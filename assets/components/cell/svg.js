// SVG nodes, and paths with rounded corners.

const SPACE = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, parent = null) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(key, value);
  }
  if (parent) parent.appendChild(node);
  return node;
}

// A text; `anchor` is start, middle or end, y its baseline.
export function svgText(parent, text, x, y, { size, fill, weight = 400, anchor = "start", italic = false }) {
  const node = svg(
    "text",
    { x, y, "font-size": size, "font-weight": weight, fill, "text-anchor": anchor, "font-style": italic ? "italic" : null },
    parent,
  );
  node.textContent = text;
  return node;
}

// Sets an attribute only when it changes: most of a picture stays as it is from step to step.
export function setOnce(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Straight pieces through the points, with rounded corners.
export function roundedPath(points, radius = 9) {
  const [first, ...rest] = points;
  let path = `M${first[0]} ${first[1]}`;
  rest.forEach(([x, y], index) => {
    const next = rest[index + 1];
    if (!next) {
      path += `L${x} ${y}`;
      return;
    }
    const [px, py] = points[index];
    const back = Math.hypot(px - x, py - y) || 1;
    const ahead = Math.hypot(next[0] - x, next[1] - y) || 1;
    const bend = Math.min(radius, back / 2, ahead / 2);
    const from = [x + ((px - x) / back) * bend, y + ((py - y) / back) * bend];
    const to = [x + ((next[0] - x) / ahead) * bend, y + ((next[1] - y) / ahead) * bend];
    path += `L${from[0]} ${from[1]}Q${x} ${y} ${to[0]} ${to[1]}`;
  });
  return path;
}

// The head of an arrow at the end of a line through the points, `back` before its last one.
export function arrowHead(points, size, back = 0) {
  const [x2, y2] = points.at(-1);
  const [x1, y1] = points.at(-2);
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const [tx, ty] = [x2 - ux * back, y2 - uy * back];
  const [bx, by] = [tx - ux * size * 1.5, ty - uy * size * 1.5];
  return `${tx},${ty} ${bx - uy * size},${by + ux * size} ${bx + uy * size},${by - ux * size}`;
}
