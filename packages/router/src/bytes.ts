/** Numbers to and from bytes, little-endian on every machine (a typed array's own bytes are the machine's). */
export interface ByteWriter {
  bytes(values: Uint8Array): void;
  u32(values: ArrayLike<number>): void;
  f32(values: ArrayLike<number>): void;
  done(): Uint8Array;
}

export function byteWriter(): ByteWriter {
  const parts: Uint8Array[] = [];
  const each = (
    values: ArrayLike<number>,
    size: number,
    put: (view: DataView, at: number, value: number) => void,
  ): void => {
    const view = new DataView(new ArrayBuffer(values.length * size));
    for (let i = 0; i < values.length; i += 1) put(view, i * size, values[i] ?? 0);
    parts.push(new Uint8Array(view.buffer));
  };
  return {
    bytes: (values) => void parts.push(values),
    u32: (values) => each(values, 4, (view, at, value) => view.setUint32(at, value, true)),
    f32: (values) => each(values, 4, (view, at, value) => view.setFloat32(at, value, true)),
    done: () => {
      const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
}

export interface ByteReader {
  bytes(count: number): Uint8Array;
  u32(count: number): Uint32Array;
  f32(count: number): Float32Array;
  /** How many bytes have not been read. */
  left(): number;
}

/** @throws RangeError when asked for more than there is. */
export function byteReader(source: Uint8Array): ByteReader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;
  const take = (bytes: number): number => {
    if (at + bytes > source.length) throw new RangeError(`byteReader: ${bytes} bytes asked for at ${at}`);
    at += bytes;
    return at - bytes;
  };
  return {
    // A copy. Node's Buffer is a Uint8Array whose own `slice` is a view, so its neighbours would be read as weights.
    bytes: (count) => Uint8Array.prototype.slice.call(source, take(count), at),
    u32: (count) => {
      const from = take(count * 4);
      return Uint32Array.from({ length: count }, (_, i) => view.getUint32(from + i * 4, true));
    },
    f32: (count) => {
      const from = take(count * 4);
      return Float32Array.from({ length: count }, (_, i) => view.getFloat32(from + i * 4, true));
    },
    left: () => source.length - at,
  };
}
