// One SVG document out of the layers that Plotly lays over each other: it needs no stylesheet, no font file and
// nothing else of the page it came from.

const SVG = "http://www.w3.org/2000/svg";

// What answers the pointer is not part of the picture.
const LEFT_OUT = ".hoverlayer, .draglayer, .zoomlayer";

// What Plotly's stylesheet, which stays behind, says of shapes inside.
const STYLE = "svg{overflow:hidden} .crisp{shape-rendering:crispEdges} text{white-space:pre}";

export function chartDrawing(chart, { title, description, background }) {
  const layers = [...chart.querySelectorAll(".main-svg")];
  const width = Number(layers[0].getAttribute("width"));
  const height = Number(layers[0].getAttribute("height"));
  const sheet = element("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" });
  add(sheet, "title", {}).textContent = title;
  if (description) add(sheet, "desc", {}).textContent = description;
  add(sheet, "style", {}).textContent = STYLE;
  add(sheet, "rect", { width, height, fill: background });
  for (const layer of layers) {
    const group = add(sheet, "g", {});
    for (const child of layer.children) group.append(child.cloneNode(true));
  }
  for (const node of sheet.querySelectorAll(LEFT_OUT)) node.remove();
  for (const node of sheet.querySelectorAll("*")) clean(node);
  return { width, height, text: new XMLSerializer().serializeToString(sheet) };
}

// Clip paths may be named by the page's whole address; in the document of its own they are just "#name".
function clean(node) {
  for (const { name, value } of [...node.attributes]) {
    if (value.includes("url(")) node.setAttribute(name, value.replace(/url\((["']?)[^"')]*#/g, "url($1#"));
  }
  node.removeAttribute("data-unformatted");
  node.removeAttribute("data-math");
}

function element(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function add(parent, name, attributes) {
  return parent.appendChild(element(name, attributes));
}
