// Keys of a lesson: each presses a button of the page, so that a lesson can be given without a mouse.

// A presenter's remote sends these, and they mean the same wherever the focus is.
const ALWAYS = new Set(["PageDown", "PageUp"]);

// Where an arrow or a figure has a meaning of its own.
const TAKEN = "input, textarea, select, [contenteditable], [role=slider], [role=radiogroup], [role=listbox], [role=tablist], [role=menu]";

const LISTENING = new WeakMap();

function focused(event) {
  return event.composedPath().find((node) => node instanceof Element) ?? document.body;
}

function press(containers, key) {
  for (const container of containers[key] ?? []) {
    const buttons = document.querySelectorAll(`.st-key-${CSS.escape(container)} button`);
    const index = /^[1-9]$/.test(key) ? Number(key) - 1 : 0;
    const button = buttons[index];
    if (button && !button.disabled) {
      button.click();
      return true;
    }
  }
  return false;
}

function listen(containers) {
  return (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = focused(event);
    const always = ALWAYS.has(event.key);
    if (!always && target.closest?.(TAKEN)) return;
    if (event.key === "Enter" && target.closest?.("button, a, summary")) return;
    if (press(containers, event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
}

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".lesson-keys");
  const before = LISTENING.get(root);
  if (before) document.removeEventListener("keydown", before);
  const listener = listen(data.keys);
  LISTENING.set(root, listener);
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", LISTENING.get(root));
}
