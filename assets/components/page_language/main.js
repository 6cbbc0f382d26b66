// Tells the browser, and with it screen readers and fonts, which language the page is in.

export default function ({ data }) {
    document.documentElement.lang = data.tag;
}
