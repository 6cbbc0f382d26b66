// Tells the browser, and with it screen readers and fonts, which language the page is in, and mends the list
// that Streamlit's menu is on a telephone: its sections are boxes between list items, with list items of their own.

const MENU = "[data-testid=stSidebarNavItems] > :not(li)";

let watching = null;

function mendMenu() {
  for (const section of document.querySelectorAll(MENU)) {
    section.setAttribute("role", "listitem");
    for (const entry of section.children) if (entry.localName === "li") entry.setAttribute("role", "none");
  }
}

// The menu is put up anew whenever it opens: looked for once a frame while the page changes.
function watchMenu() {
  let due = false;
  const look = () => {
    due = false;
    mendMenu();
  };
  watching = new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(look);
  });
  watching.observe(document.body, { childList: true, subtree: true });
  mendMenu();
}

export default function ({ data }) {
  document.documentElement.lang = data.tag;
  if (!watching) watchMenu();
}
