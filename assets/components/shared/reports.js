// Tells the server what the person settled on, once per pause, and only what it does not know yet.

export class Reports {
  constructor(read) {
    this.read = read;
    this.component = null;
    this.known = {};
    this.timer = null;
  }

  // The server ordered these values, or has them from an earlier mount.
  knows(values) {
    Object.assign(this.known, values);
  }

  // The page changed these: say them again with the next report, or the server would remember an older one.
  doubts(fields) {
    for (const field of fields) delete this.known[field];
  }

  schedule(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), delay);
  }

  flush() {
    this.timer = null;
    for (const [field, value] of Object.entries(this.read())) {
      if (field in this.known && JSON.stringify(this.known[field]) === JSON.stringify(value)) continue;
      this.known[field] = value;
      this.component.setStateValue(field, value);
    }
  }

  stop() {
    clearTimeout(this.timer);
  }
}
