// A picture that is drawn when its size changes, when what it shows does, or when something moves over it.
// What extends it has relayout(), which measures and draws everything, and drawMarks(), for what only moves.

export class DrawnPicture {
  constructor(root, nodes) {
    this.root = root;
    this.nodes = nodes;
    this.frame = null;
    this.revision = 0;
    this.hover = null;
    this.resized = new ResizeObserver(() => this.relayout());
    this.resized.observe(nodes.stage);
    // A window that moves to a projector may change its pixels and nothing else.
    this.onMoved = () => this.soon(true);
    globalThis.addEventListener("resize", this.onMoved);
  }

  destroy() {
    this.resized.disconnect();
    cancelAnimationFrame(this.frame);
    globalThis.removeEventListener("resize", this.onMoved);
  }

  get scale() {
    return globalThis.devicePixelRatio || 1;
  }

  // Draws at the next frame; `all` draws the picture too, not only what moves over it.
  soon(all) {
    this.stale = this.stale || all;
    if (this.frame !== null || !this.layout) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const whole = this.stale;
      this.stale = false;
      if (whole) this.relayout();
      else this.drawMarks();
    });
  }

  setHover(hover) {
    if (!hover && !this.hover) return;
    this.hover = hover;
    this.soon(false);
  }
}
