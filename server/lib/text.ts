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

/**
 * The words of a text for the search index and for what is looked for in it: letters and digits alone. Postgres's
 * parser also knows tags, addresses and paths, and goes back over them: 150 kB of "<!--" hold it for a minute.
 */
export const plainWords = (text: string): string => text.replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ').replace(/(\S{200})(?=\S)/gu, '$1 ').trim();
