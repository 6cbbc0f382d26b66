// From the basis to the screen: turned, shrunk to fit, and moved.

export const FRONT = { yaw: 0.62, pitch: 0.38 };
const CLOSEST = 12;
// The ball around all places may reach into the margins, where names of points stand otherwise.
const ROOM = 1.12;
const TURNS = 60;

export function freshView(depth) {
  return { ...(depth === "3" ? FRONT : { yaw: 0, pitch: 0 }), zoom: 1, x: 0, y: 0 };
}

// The middle of the smallest ball around all places, nearly, and its radius; and half their extent.
export function boundsOf(lists) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const places of lists) {
    for (let at = 0; at < places.length; at += 1) {
      const axis = at % 3;
      low[axis] = Math.min(low[axis], places[at]);
      high[axis] = Math.max(high[axis], places[at]);
    }
  }
  const middle = low.map((value, axis) => (Number.isFinite(value) ? (value + high[axis]) / 2 : 0));
  const centre = [...middle];
  // Badoiu and Clarkson 2003: towards the farthest place, by less each time.
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const { place } = farthest(lists, centre);
    if (!place) break;
    place.forEach((value, axis) => (centre[axis] += (value - centre[axis]) / (turn + 1)));
  }
  const half = low.map((value, axis) => Math.max((high[axis] - value) / 2, 1e-9));
  return { centre, middle, radius: Math.max(farthest(lists, centre).apart, 1e-6), half };
}

function farthest(lists, from) {
  let [place, apart] = [null, 0];
  for (const places of lists) {
    for (let at = 0; at < places.length; at += 3) {
      const distance = Math.hypot(places[at] - from[0], places[at + 1] - from[1], places[at + 2] - from[2]);
      if (distance > apart) [place, apart] = [[places[at], places[at + 1], places[at + 2]], distance];
    }
  }
  return { place, apart };
}

// A function from a place to [x, y, depth] in pixels; depth grows towards the eye, and is 0 on a flat picture.
export function projection({ bounds, view, box, deep }) {
  const { radius, half } = bounds;
  const centre = deep ? bounds.centre : bounds.middle;
  const [middleX, middleY] = [box.left + box.width / 2 + view.x, box.top + box.height / 2 + view.y];
  const fits = deep
    ? (ROOM * Math.min(box.width, box.height)) / 2 / radius
    : Math.min(box.width / 2 / half[0], box.height / 2 / Math.max(half[1], half[0] * 0.05));
  const scale = fits * view.zoom;
  const [sinYaw, cosYaw] = [Math.sin(view.yaw), Math.cos(view.yaw)];
  const [sinPitch, cosPitch] = [Math.sin(view.pitch), Math.cos(view.pitch)];
  const turn = (a, b, c) => {
    if (!deep) return [a, b, 0];
    // The first two directions lie on the screen; the third comes towards the eye.
    const x = a * cosYaw + c * sinYaw;
    const towards = c * cosYaw - a * sinYaw;
    return [x, b * cosPitch - towards * sinPitch, b * sinPitch + towards * cosPitch];
  };
  const place = (places, at) => {
    const [x, y, z] = turn(places[at] - centre[0], places[at + 1] - centre[1], places[at + 2] - centre[2]);
    return [middleX + x * scale, middleY - y * scale, deep ? z / radius : 0];
  };
  return { place, turn, scale };
}

export function zoomed(view, factor) {
  const zoom = Math.min(Math.max(view.zoom * factor, 0.5), CLOSEST);
  const share = zoom / view.zoom;
  return { ...view, zoom, x: view.x * share, y: view.y * share };
}

export function turned(view, yaw, pitch) {
  const limit = Math.PI / 2;
  return { ...view, yaw: view.yaw + yaw, pitch: Math.min(Math.max(view.pitch + pitch, -limit), limit) };
}
