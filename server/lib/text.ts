/**
 * Text from outside, safe for a Postgres text column: no NUL, which it refuses, no lone surrogate,
 * which has no UTF-8, and no longer than `most` characters.
 */
export function cleanText(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? text.slice(0, most) : text;
  return cut.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** One line for a preview: white space folded, at most `most` characters. */
export const oneLine = (text: string, most: number): string => cleanText(text.slice(0, most * 4)).replace(/\s+/g, ' ').trim().slice(0, most).toWellFormed();
