// One race on the page: its lanes, what is read in it, and when to draw.

import { chartValue, chartX, nearestIndex } from "../shared/chart.js";
import { showTooltip } from "../shared/dom.js";
import { closeMenu, keepKeys, tellKeys } from "../shared/keys.js";
import { LivePicture, placeOn } from "../shared/live.js";
import { savePng, saveSvg } from "../shared/sheet.js";
import { CanvasSurface } from "../shared/surface.js";
import { fillIn, together } from "../shared/text.js";
import { chartsOf, drawCharts, drawReading } from "./charts.js";
import { buildElements, fillTable, labelElements } from "./elements.js";
import { computeLayout } from "./layout.js";
import { drawTracks } from "./tracks.js";
import { factsOf, gradientText, hoverLines, pointOf, raceSentence, scoreText } from "./words.js";

const NOTHING = { parameters: null, milliseconds: null, status: "queued", learned_at: null, done: 0 };
const EMPTY = new Float32Array(0);

export class Race extends LivePicture {
  constructor(root) {
    super(root, buildElements(root, (name) => this.act(name)));
    this.wire();
    root.gatescope = this.testHook();
  }

  adopt(model) {
    this.lanes = model.lanes.map((lane) => this.laneOf(lane, NOTHING, [EMPTY, EMPTY, EMPTY]));
    this.live = true;
    this.summary = "";
    this.reading = null;
  }

  laneOf({ name, note }, facts, [update, score, gradient]) {
    return { ...facts, name, note, update, score, gradient, powers: gradient.map((value) => Math.log10(value)) };
  }

  adoptFeed(feed, resolve) {
    this.live = feed.live;
    this.summary = feed.summary;
    this.lanes = feed.lanes.map((facts, at) => {
      const { update, score, gradient } = facts.curves;
      return this.laneOf(this.model.lanes[at], facts, [update, score, gradient].map(resolve));
    });
  }

  draw(width) {
    const { nodes, model, theme, scale } = this;
    this.inks = model.colours[theme.name];
    this.dashes = model.dashes;
    labelElements(nodes, model, this.summary);
    const surface = new CanvasSurface(nodes.base, theme.font);
    this.layout = computeLayout({
      width,
      height: model.height - parseFloat(getComputedStyle(nodes.sentence).minHeight) - 8,
      model,
      samples: this.samples(),
      measure: (text, size, weight) => surface.measure(text, size, weight),
    });
    nodes.stage.style.height = `${this.layout.height}px`;
    this.charts = chartsOf(this);
    surface.begin(width, this.layout.height, scale);
    this.drawPicture(surface);
    const sentence = raceSentence(this);
    if (nodes.sentence.textContent !== sentence) nodes.sentence.textContent = sentence;
    // While it runs a screen reader would not come to an end.
    nodes.sentence.setAttribute("aria-live", this.live ? "off" : "polite");
    fillTable(nodes, this);
    this.drawMarks();
  }

  drawPicture(surface) {
    drawTracks(surface, this);
    drawCharts(surface, this);
  }

  drawMarks() {
    const { nodes, layout, scale } = this;
    const surface = new CanvasSurface(nodes.over, this.theme.font);
    surface.begin(layout.width, layout.height, scale);
    const update = this.hover?.update ?? null;
    if (update === null) nodes.tooltip.hidden = true;
    else {
      drawReading(surface, this, update);
      showTooltip(nodes, hoverLines(this, update), this.hover.x, this.hover.y);
    }
    Object.assign(this.root.dataset, {
      revision: this.revision,
      run: this.model.run,
      live: this.live,
      theme: this.theme.name,
      reading: update ?? "",
    });
  }

  // The widest that each column may come to hold: sizes must not change while the numbers do.
  samples() {
    const { model, lanes } = this;
    const { texts, updates } = model;
    const states = ["running", "done", ...lanes.map(({ status }) => status)].map((status) => texts[`status ${status}`]);
    const gradient = "8.8 × 10⁻⁸⁸";
    const time = fillIn(texts.milliseconds, { n: "888.8" });
    return {
      score: scoreText(model, model.percent ? 0.888 : -8.88),
      level: model.percent ? scoreText(model, 1) : "−0.25",
      states: [...states.map((text) => fillIn(text, { done: updates })), fillIn(texts.learned, { update: updates })],
      weights: "888,888",
      time,
      gradient,
      facts: () => fillIn(texts["facts in words"], { weights: "888,888", time, gradient }),
    };
  }

  // All updates at which some lane was measured.
  get measured() {
    return this.lanes.reduce((longest, { update }) => (update.length > longest.length ? update : longest), EMPTY);
  }

  read(update) {
    const { measured } = this;
    const at = nearestIndex(measured, update);
    if (at < 0) return;
    const chart = this.charts[0];
    const place = { update: measured[at], x: chartX(chart, measured[at]), y: chart.top + chart.height / 2 };
    this.setHover(place);
  }

  act(name) {
    if (!this.layout) return;
    if (name === "save png") savePng(this.sheet());
    if (name === "save svg") saveSvg(this.sheet());
  }

  wire() {
    const { stage } = this.nodes;
    const follow = (event) => {
      if (!this.layout) return;
      const at = placeOn(stage, event);
      const chart = this.charts.find(
        ({ left, width, top, height }) => at.x >= left - 6 && at.x <= left + width + 6 && at.y >= top && at.y <= top + height,
      );
      const { measured } = this;
      const point = chart ? nearestIndex(measured, chartValue(chart, at.x)) : -1;
      this.setHover(point < 0 ? null : { update: measured[point], ...at });
    };
    stage.onpointermove = follow;
    stage.onpointerdown = (event) => {
      this.nodes.saveBox.open = false;
      follow(event);
    };
    stage.onpointerleave = (event) => event.pointerType !== "touch" && this.setHover(null);
    stage.onblur = () => this.setHover(null);
    tellKeys(stage, ["ArrowLeft", "ArrowRight", "Home", "End", "Escape"]);
    this.root.onkeydown = (event) => {
      keepKeys(event);
      if (event.key === "Escape") {
        closeMenu(this.nodes);
        this.setHover(null);
      }
      if (event.target !== stage || event.ctrlKey || event.metaKey || event.altKey) return;
      const { measured } = this;
      const at = this.hover ? nearestIndex(measured, this.hover.update) : measured.length;
      const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: measured.length - 1 };
      if (!(event.key in places) || !measured.length) return;
      event.preventDefault();
      event.stopPropagation();
      this.read(measured[Math.min(Math.max(places[event.key], 0), measured.length - 1)]);
    };
  }

  // What is saved: lanes and charts as they stand.
  sheet() {
    const { layout, model, theme, scale, nodes } = this;
    const { width, height } = layout;
    const { texts, filename } = model;
    const summary = together([this.summary, nodes.sentence.textContent]);
    const draw = (surface) => this.drawPicture(surface);
    return { width, height, theme, scale, title: texts["picture title"], summary, filename, draw };
  }

  // Functions that tests call.
  testHook() {
    return {
      facts: () => this.lanes.map((lane) => factsOf(this, lane)),
      curve: (lane, name) => [...this.lanes[lane][name]],
      at: (lane, update) => {
        const point = pointOf(this.lanes[lane], update);
        return [scoreText(this.model, this.lanes[lane].score[point]), gradientText(this.model, this.lanes[lane].gradient[point])];
      },
      places: () => ({ layout: this.layout, charts: this.charts }),
      colours: () => this.inks,
    };
  }
}
