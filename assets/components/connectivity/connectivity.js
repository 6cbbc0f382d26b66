// The sequence as a text, each step on a background as strong as its connectivity; a click asks about a step.

import { decodeBlock } from "../shared/block.js";
import { contrast, cssColour, mixColours, parseColour, readTheme } from "../shared/colours.js";
import { helpFor, make, sentenceOf } from "../shared/dom.js";
import { keepKeys, tellKeys } from "../shared/keys.js";
import { fillIn, showBlank } from "../shared/text.js";

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

export class Connectivity {
  constructor(root) {
    this.root = root;
    this.nodes = {};
    this.nodes.text = make("div", "text");
    this.nodes.text.setAttribute("role", "group");
    this.nodes.note = make("p", "note");
    helpFor(this.nodes, this.nodes.text);
    root.append(this.nodes.text, sentenceOf(this.nodes), this.nodes.note, this.nodes.help);
    tellKeys(this.nodes.text, [...MOVES, "Enter", " "]);
    this.chips = [];
    this.at = null;
    this.revision = 0;
    this.wire();
    root.gatescope = { share: (step) => this.shareOf(step), value: (step) => this.strength[step - this.model.first] };
  }

  update(component) {
    this.component = component;
    if (component.data !== this.bytes) {
      this.bytes = component.data;
      const { header, resolve } = decodeBlock(component.data);
      this.model = header;
      this.strength = resolve(header.strength);
      this.revision += 1;
      this.build();
    }
    this.theme = readTheme(this.root);
    this.draw();
  }

  shareOf(step) {
    const { most, first } = this.model;
    return most > 0 ? this.strength[step - first] / most : 0;
  }

  // A chip for each step; they stay while only colours change.
  build() {
    const { nodes, model } = this;
    const { labels, first, texts } = model;
    const fixed = JSON.stringify([labels, first]);
    if (fixed !== this.fixed) {
      this.fixed = fixed;
      const short = labels.every((label) => [...label].length <= 1);
      nodes.text.classList.toggle("letters", short);
      nodes.text.classList.toggle("large", labels.length <= 150);
      const every = labels.length <= 40 || !short ? 1 : 10;
      this.chips = labels.map((label, place) => {
        const step = first + place;
        const chip = make("button", "chip");
        chip.type = "button";
        chip.dataset.step = step;
        chip.tabIndex = -1;
        const number = make("span", "number", step % every === 0 ? String(step) : "\u00a0");
        chip.append(make("span", "sign", label === "" ? String(step) : showBlank(label)), number);
        return chip;
      });
      nodes.text.replaceChildren(...this.chips);
    }
    nodes.text.style.maxHeight = `${model.height}px`;
    nodes.text.setAttribute("aria-label", model.summary);
    nodes.help.textContent = texts["how to use"];
    nodes.note.textContent = model.total > labels.length ? fillIn(texts.part, { first, last: first + labels.length - 1, steps: model.total }) : "";
    nodes.note.hidden = !nodes.note.textContent;
    this.asked = model.asked;
    this.at = model.asked;
  }

  draw() {
    const { model, theme, chips } = this;
    const full = parseColour(model.colour);
    chips.forEach((chip, place) => {
      const step = model.first + place;
      const rgb = mixColours(theme.paperRgb, full, this.shareOf(step));
      chip.style.background = cssColour(rgb);
      chip.style.color = contrast(rgb, theme.textRgb) >= contrast(rgb, theme.paperRgb) ? theme.text : theme.paper;
      chip.classList.toggle("asked", step === this.asked);
      chip.setAttribute("aria-pressed", String(step === this.asked));
      chip.setAttribute("aria-label", this.wordsOf(step));
      chip.tabIndex = step === this.at ? 0 : -1;
    });
    this.say(this.at);
    Object.assign(this.root.dataset, { revision: this.revision, asked: this.asked, theme: theme.name });
  }

  wordsOf(step) {
    const { texts, labels, first } = this.model;
    const label = labels[step - first];
    const share = this.shareOf(step) * 100;
    const values = {
      step,
      label: showBlank(label),
      share: share > 0 && share < 0.1 ? "<0.1" : share.toFixed(1),
      value: this.strength[step - first].toPrecision(3),
    };
    return fillIn(texts[label ? "labelled step" : "step"], values);
  }

  say(step) {
    const words = this.wordsOf(step);
    if (this.nodes.sentence.textContent !== words) this.nodes.sentence.textContent = words;
  }

  ask(step) {
    this.asked = step;
    this.at = step;
    this.draw();
    this.component.setStateValue("asked", step);
  }

  wire() {
    const { text } = this.nodes;
    const stepOf = (event) => {
      const chip = event.target.closest?.(".chip");
      return chip ? Number(chip.dataset.step) : null;
    };
    text.onclick = (event) => {
      const step = stepOf(event);
      if (step !== null) this.ask(step);
    };
    text.onpointerover = (event) => {
      const step = stepOf(event);
      if (step !== null) this.say(step);
    };
    text.onpointerleave = () => this.model && this.say(this.at);
    text.onkeydown = (event) => {
      keepKeys(event);
      if (event.ctrlKey || event.metaKey || event.altKey || !MOVES.includes(event.key)) return;
      const last = this.chips.length - 1;
      const place = this.at - this.model.first;
      const to = { ArrowLeft: place - 1, ArrowUp: place - 1, ArrowRight: place + 1, ArrowDown: place + 1, Home: 0, End: last };
      event.preventDefault();
      event.stopPropagation();
      this.at = this.model.first + Math.min(Math.max(to[event.key], 0), last);
      this.draw();
      this.chips[this.at - this.model.first].focus();
    };
  }
}
