// A picture that plays by itself, and tells the server what a person settled on.
// What extends it has playOn(steps), playingChanged() and choices(), besides what a drawn picture has.

import { DrawnPicture } from "./drawn.js";
import { Player } from "./player.js";
import { showPlaying } from "./playing.js";
import { Reports } from "./reports.js";

export class PlayedPicture extends DrawnPicture {
  constructor(root, nodes) {
    super(root, nodes);
    this.player = new Player((steps) => this.playOn(steps), () => this.playingChanged());
    this.reports = new Reports(() => this.choices());
    this.onHidden = () => document.hidden && this.player.stop();
    document.addEventListener("visibilitychange", this.onHidden);
  }

  destroy() {
    super.destroy();
    this.player.stop();
    this.reports.stop();
    document.removeEventListener("visibilitychange", this.onHidden);
  }

  labelPlay() {
    showPlaying(this);
  }

  // Takes over into `chosen` what the server orders, as far as that is new; gives the names of what changed.
  // `first` is null but for the first time, when it says what else the server knows.
  obey({ serial, set, changed }, first) {
    if (first) {
      Object.assign(this.chosen, set);
      this.reports.knows({ ...set, ...first });
      this.serial = serial;
      return [];
    }
    const fields = serial === this.serial ? [] : serial === this.serial + 1 ? changed : Object.keys(set);
    for (const field of fields) this.chosen[field] = set[field];
    if (fields.length) this.reports.doubts(fields);
    this.serial = serial;
    return fields;
  }
}
