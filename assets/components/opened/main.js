// Streamlit puts what opens at a button at the end of the page: whoever opens it by a key would have to go through
// all of the page to get there. So the focus goes in with them; Escape closes it and brings them back.

const OPENER = "[data-testid=stPopoverButton]";
const OPENED = "[data-testid=stPopoverBody]";

const LISTENING = new WeakMap();

function follow() {
  const appeared = new MutationObserver(enter);
  const stop = () => appeared.disconnect();
  function enter() {
    const opened = document.querySelector(OPENED);
    if (!opened) return;
    stop();
    opened.tabIndex = -1;
    opened.focus({ preventScroll: true });
  }
  appeared.observe(document.body, { childList: true, subtree: true });
  // Whoever goes on before it is there is not called back.
  document.addEventListener("keydown", stop, { once: true, capture: true });
  document.addEventListener("pointerdown", stop, { once: true, capture: true });
}

function listener(event) {
  const opens = event.key === "Enter" || event.key === " ";
  if (opens && !event.repeat && event.target.closest?.(OPENER) && !document.querySelector(OPENED)) follow();
}

export default function mount({ parentElement }) {
  const root = parentElement.querySelector(".opened");
  if (!LISTENING.has(root)) {
    LISTENING.set(root, listener);
    document.addEventListener("keydown", listener);
  }
  return () => {
    document.removeEventListener("keydown", LISTENING.get(root));
    LISTENING.delete(root);
  };
}
