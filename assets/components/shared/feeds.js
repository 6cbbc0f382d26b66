// What changes while a training runs comes in a message of its own, through an element beside the picture: so the
// picture's message, script and all, stays the same and is not sent again every second. Each component has a module
// scope of its own, so the two meet at the window, under the key that both were given.

const NAME = "gatescope-feed";

function feeds() {
  globalThis[NAME] ??= new Map();
  return globalThis[NAME];
}

export function putFeed(key, bytes) {
  feeds().set(key, bytes);
  globalThis.dispatchEvent(new CustomEvent(NAME, { detail: key }));
}

export function dropFeed(key) {
  feeds().delete(key);
}

// The newest that came, or undefined.
export function feedOf(key) {
  return feeds().get(key);
}

// Calls listener(key) whenever something comes; returns what ends that.
export function onFeed(listener) {
  const heard = ({ detail }) => listener(detail);
  globalThis.addEventListener(NAME, heard);
  return () => globalThis.removeEventListener(NAME, heard);
}
