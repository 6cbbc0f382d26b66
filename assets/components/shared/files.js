// From the page to the person's disk.

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has read the address by the next second; until then it must stay valid.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
