// Reads a block of bytes that gru_ui/components/payload.py wrote: a header in JSON, and arrays it refers to.

const ARRAY_TYPES = { u1: Uint8Array, u2: Uint16Array, i2: Int16Array, f4: Float32Array, f8: Float64Array };

// The header, and what turns a reference in it into a typed array.
export function decodeBlock(bytes) {
  // A copy, because the bytes may start anywhere in the message and typed arrays must be aligned.
  const copy = bytes.slice();
  const base = 4 + new DataView(copy.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(copy.subarray(4, base)));
  const resolve = (ref) => new ARRAY_TYPES[ref.dtype](copy.buffer, base + ref.offset, ref.length);
  return { header, resolve };
}
