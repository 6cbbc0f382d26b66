// The buttons: what they are called, and what happens when one is pressed.

import { download } from "../shared/files.js";
import { chartDrawing } from "./drawing.js";
import { toPng } from "./files.js";

// A picture for print and projectors.
const SCALE = 2;

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".save");
  const { texts } = data;
  root.setAttribute("aria-label", texts.group);
  root.querySelector(".label").textContent = texts.group;
  for (const button of root.querySelectorAll("button")) {
    const kind = button.dataset.kind;
    button.textContent = texts[kind];
    button.title = texts[`${kind} title`];
    button.setAttribute("aria-label", button.title);
    button.onclick = () => save(kind, root, button, data);
  }
}

async function save(kind, root, button, data) {
  const message = root.querySelector(".message");
  message.textContent = "";
  const chart = document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`);
  if (!chart) {
    message.textContent = data.texts.none;
    return;
  }
  button.disabled = true;
  try {
    const style = getComputedStyle(root);
    const drawing = chartDrawing(chart, {
      title: data.title,
      description: data.description,
      background: style.getPropertyValue("--st-background-color").trim() || "#ffffff",
    });
    const blob = new Blob([drawing.text], { type: "image/svg+xml;charset=utf-8" });
    const picture = kind === "svg" ? blob : await toPng(blob, drawing.width, drawing.height, SCALE);
    download(picture, `${data.filename}.${kind}`);
  } catch {
    message.textContent = data.texts.failed;
  } finally {
    button.disabled = false;
  }
}
