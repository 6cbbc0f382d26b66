// Stands in for Streamlit on a page without a server: the component gets what Streamlit would give it.

const host = document.getElementById("picture");
const parentElement = host.attachShadow({ mode: "open" });
parentElement.append(document.getElementById("element").content.cloneNode(true));
const encoded = atob(document.getElementById("payload").textContent);
const data = Uint8Array.from(encoded, (letter) => letter.charCodeAt(0));
const nothing = () => {};
const component = { data, parentElement, name: "offline", key: "offline", setStateValue: nothing, setTriggerValue: nothing };
mount(component);
// The same data again: only the colours are new.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => mount(component));
