// A picture that is mounted once and fed while a training runs: its size, its theme, and when to draw.
// What extends it has adopt(header, resolve), adoptFeed(header, resolve), draw() and drawMarks().

import { decodeBlock } from "./block.js";
import { readTheme } from "./colours.js";
import { DrawnPicture } from "./drawn.js";
import { feedOf, onFeed } from "./feeds.js";

export class LivePicture extends DrawnPicture {
  constructor(root, nodes) {
    super(root, nodes);
    this.deaf = onFeed((key) => key === this.model?.key && this.takeFeed() && this.relayout());
  }

  destroy() {
    super.destroy();
    this.deaf();
  }

  // New words and sizes, or the same under another theme.
  update(component) {
    this.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      const { header, resolve } = decodeBlock(component.data);
      this.model = header;
      this.fed = null;
      this.adopt(header, resolve);
    }
    this.theme = readTheme(this.root);
    this.takeFeed();
    this.relayout();
  }

  // True where something new has come that belongs to this picture.
  takeFeed() {
    const bytes = feedOf(this.model.key);
    if (!bytes || bytes === this.fed) return false;
    const { header, resolve } = decodeBlock(bytes);
    if (header.run !== this.model.run) return false;
    this.fed = bytes;
    this.revision += 1;
    this.adoptFeed(header, resolve);
    return true;
  }

  // Measures the page and draws everything. Nothing happens while hidden: the observer calls again.
  relayout() {
    const width = this.nodes.stage.clientWidth;
    if (!this.model || width < 40) return;
    this.draw(width);
  }
}

// Where a pointer stands on the stage.
export function placeOn(stage, event) {
  const box = stage.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
