// Plays the time cursor: so many steps a second, whatever the screen's frame rate.

const LONGEST_FRAME = 0.1;

export class Player {
  // advance(steps) moves the cursor and returns false at the end; changed() is told when playing starts or stops.
  constructor(advance, changed) {
    this.advance = advance;
    this.changed = changed;
    this.speed = 5;
    this.frame = null;
  }

  get playing() {
    return this.frame !== null;
  }

  start() {
    if (this.playing) return;
    let before = performance.now();
    let due = 0;
    const tick = (now) => {
      // A tab that was hidden must not jump ahead by all it missed.
      due += Math.min(Math.max(now - before, 0) / 1000, LONGEST_FRAME) * this.speed;
      before = now;
      const whole = Math.floor(due);
      due -= whole;
      this.frame = requestAnimationFrame(tick);
      if (whole > 0 && !this.advance(whole)) this.stop();
    };
    this.frame = requestAnimationFrame(tick);
    this.changed();
  }

  stop() {
    if (!this.playing) return;
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.changed();
  }
}
