// Colour maps and the theme's colours.

export function parseColour(text) {
  const hex = /^#([0-9a-f]{6})/i.exec(text.trim());
  if (hex) return [0, 2, 4].map((at) => parseInt(hex[1].slice(at, at + 2), 16));
  const short = /^#([0-9a-f]{3})$/i.exec(text.trim());
  if (short) return [...short[1]].map((digit) => parseInt(digit + digit, 16));
  const parts = text.match(/[\d.]+/g);
  return parts && parts.length >= 3 ? parts.slice(0, 3).map(Number) : [128, 128, 128];
}

export function cssColour(rgb, alpha = 1) {
  const [red, green, blue] = rgb.map((part) => Math.round(part));
  return alpha === 1 ? `rgb(${red}, ${green}, ${blue})` : `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

export function mixColours(from, to, share) {
  return from.map((part, index) => part + (to[index] - part) * share);
}

function luminance(rgb) {
  const [red, green, blue] = rgb.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

// The colour itself, or as little of the text's colour in it as makes it readable (WCAG 4.5:1).
export function readableColour(rgb, theme) {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mixColours(rgb, theme.textRgb, share);
    if (contrast(mixed, theme.paperRgb) >= 4.6) return mixed;
  }
  return theme.textRgb;
}

// Tables of parsed colours: the same few lists come again with every update.
const TABLES = new Map();

function tableOf(stops) {
  const key = stops.join();
  if (!TABLES.has(key)) TABLES.set(key, stops.map(parseColour));
  return TABLES.get(key);
}

// A colour map for a panel: 256 packed pixels over its wire range, colours ending at its locked range.
export function buildLut(stops, range, wire) {
  const table = tableOf(stops);
  const lut = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    const value = wire[0] + (index / 255) * (wire[1] - wire[0]);
    const [red, green, blue] = mapColour(table, (value - range[0]) / (range[1] - range[0]));
    lut[index] = (255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red);
  }
  return lut;
}

function mapColour(table, share) {
  const place = Math.min(Math.max(share, 0), 1) * (table.length - 1);
  const below = Math.min(Math.floor(place), table.length - 2);
  return mixColours(table[below], table[below + 1], place - below);
}

export function stopColour(stops, share) {
  return cssColour(mapColour(tableOf(stops), share));
}

// What Streamlit's theme says, read where its variables arrive.
export function readTheme(element) {
  const style = getComputedStyle(element);
  const variable = (name, fallback) => {
    const value = style.getPropertyValue(name).trim();
    return value && value !== "unset" ? value : fallback;
  };
  const paperRgb = parseColour(variable("--st-background-color", "#ffffff"));
  const textRgb = parseColour(variable("--st-text-color", "#1b2430"));
  const dark = luminance(paperRgb) < 0.2;
  return {
    dark,
    name: dark ? "dark" : "light",
    paperRgb,
    textRgb,
    paper: cssColour(paperRgb),
    text: cssColour(textRgb),
    muted: cssColour(mixColours(textRgb, paperRgb, 0.3)),
    faint: cssColour(mixColours(textRgb, paperRgb, 0.75)),
    frame: cssColour(mixColours(textRgb, paperRgb, 0.6)),
    accent: variable("--st-primary-color", "#0072b2"),
    series: variable("--st-chart-categorical-colors", "#0072b2,#d55e00,#009e73,#cc79a7,#e69f00").split(","),
    font: variable("--st-font", "system-ui, sans-serif"),
  };
}
