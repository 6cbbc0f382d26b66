// Hands its bytes to the picture of the same key; shows nothing.

import { decodeBlock } from "../shared/block.js";
import { dropFeed, putFeed } from "../shared/feeds.js";

const SEEN = new WeakMap();

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".feed");
  const { key } = decodeBlock(data).header;
  // A change of theme brings the same bytes again.
  if (SEEN.get(root) !== data) {
    SEEN.set(root, data);
    putFeed(key, data);
  }
  return () => dropFeed(key);
}
