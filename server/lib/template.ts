/**
 * `{{name}}` variables in templates and follow-up steps. A value is encoded for the place it goes to, so
 * that nothing a client or a recipient's display name holds can become markup or a header line.
 *
 * A variable is letters, digits, `_`, `.` and `-`, starting with a letter or `_`, in double braces, with or
 * without spaces around it. Everything else in braces is left as it was written.
 */
const VARIABLE = /\{\{[ \t]*([A-Za-z_][A-Za-z0-9_.-]{0,63})[ \t]*\}\}/g;

export interface Rendered {
  readonly text: string;
  /** Names without a value, each once, in the order they appear; they stand in `text` as written. */
  readonly missing: readonly string[];
}

export type Variables = Readonly<Record<string, string>>;

/** The template is HTML and stays as it is; values are encoded as text in it, their line breaks as `<br>`. */
export const renderHtml = (template: string, values: Variables): Rendered =>
  render(template, values, (value) => escapeHtml(withoutControls(value)).replace(/\r\n|\r|\n/g, '<br>'));

/** For subjects: one line of text; a line break in a value would begin a new header (RFC 5322 section 2.2). */
export function renderLine(template: string, values: Variables): Rendered {
  const { text, missing } = render(template, values, (value) => value);
  return { text: oneLine(text), missing };
}

/** The names that the template uses, each once. */
export const variablesOf = (template: string): string[] => [...new Set([...template.matchAll(VARIABLE)].map((m) => m[1]!))];

/** Encodes text for element content and quoted attribute values. */
export const escapeHtml = (text: string): string => text
  .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** Control characters and line separators become spaces; the ends are trimmed. */
// eslint-disable-next-line no-control-regex
export const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();

// eslint-disable-next-line no-control-regex
const withoutControls = (text: string): string => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '');

function render(template: string, values: Variables, encode: (value: string) => string): Rendered {
  const missing = new Set<string>();
  const text = template.replace(VARIABLE, (written, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name]! : '';
    // An empty value is a missing one: "Dear ," must not go out either.
    if (!value.trim()) {
      missing.add(name);
      return written;
    }
    return encode(value);
  });
  return { text, missing: [...missing] };
}
