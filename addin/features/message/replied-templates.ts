import { textOfHtml } from '../../ui/safe-html.ts';

/**
 * With which templates replies were opened, in the browser's own storage: the pane beside the message writes
 * it, the pane beside the reply reads it. They share nothing else in time, since roaming settings are read
 * once a start. Where a webview keeps no storage, such replies are not counted.
 */
const KEY = 'sundial.repliedWith';
/** A draft may wait over a weekend; a note that is never asked for must not stay. */
const KEEP_MS = 7 * 86_400_000;
const MOST = 50;

interface Note {
  readonly conversationId: string;
  readonly ruleId: number;
  /** Milliseconds of this machine's clock. */
  readonly at: number;
}

export function noteReply(conversationId: string | null, ruleId: number): void {
  if (!conversationId) return;
  try {
    localStorage.setItem(KEY, JSON.stringify([...notes(), { conversationId, ruleId, at: Date.now() }].slice(-MOST)));
  } catch {
    // No storage here: nothing is counted, and the reply opens all the same.
  }
}

export function templatesRepliedWith(conversationId: string | null): number[] {
  return conversationId ? [...new Set(notes().filter((n) => n.conversationId === conversationId).map((n) => n.ruleId))] : [];
}

function notes(): Note[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isNote).filter((n) => n.at > Date.now() - KEEP_MS) : [];
  } catch {
    return [];
  }
}

const isNote = (value: unknown): value is Note => {
  const { conversationId, ruleId, at } = (value ?? {}) as Partial<Record<keyof Note, unknown>>;
  return typeof conversationId === 'string' && Number.isSafeInteger(ruleId) && typeof at === 'number';
};

/** Shorter pieces between two fields, such as "Hello", stand in any mail. */
const TELLING = 12;

/**
 * True where a piece of the template's own text is in the draft. Fields are filled in by then, and Outlook
 * writes the HTML anew, so only letters are held against each other.
 */
export function templateStandsIn(template: string, draft: string): boolean {
  const pieces = textOfHtml(template).split(/\{\{.*?\}\}/s).map(letters).filter(Boolean);
  const telling = pieces.filter((piece) => piece.length >= TELLING);
  const text = letters(textOfHtml(draft));
  return telling.length ? telling.some((piece) => text.includes(piece)) : pieces.length > 0 && pieces.every((piece) => text.includes(piece));
}

const letters = (text: string): string => text.replace(/[\s\u200b]+/g, '');
