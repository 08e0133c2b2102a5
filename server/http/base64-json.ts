/** `{"member":"..."}` with the source in base64, written as it is read: the bytes that JSON.stringify would give, without holding them. */
export async function* base64Json(member: string, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`{${JSON.stringify(member)}:"`);
  // Three bytes are four letters; what is left over of a piece waits for the next one.
  let rest: Uint8Array = new Uint8Array();
  for await (const piece of source) {
    const all = Buffer.concat([rest, piece]);
    const whole = all.length - (all.length % 3);
    if (whole) yield Buffer.from(all.toString('base64', 0, whole), 'latin1');
    rest = all.subarray(whole);
  }
  yield Buffer.from(`${Buffer.from(rest).toString('base64')}"}`);
}
