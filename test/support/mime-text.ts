/** A raw message with every part also as plain text, whatever its transfer encoding, and its folds joined: for looking things up. */
export function decoded(raw: string): string {
  const parts = raw.split(/\r?\n\r?\n/).map((part) => (/^[A-Za-z0-9+/=\r\n]+$/.test(part.trim()) ? Buffer.from(part, 'base64').toString() : part));
  return [raw, ...parts].join('\n').replace(/=\r?\n/g, '').replace(/\r?\n[ \t]/g, '');
}
