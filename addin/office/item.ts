import type { ComposeItem } from './compose.ts';
import { composeItem } from './compose.ts';
import { readItem, type ReadItem } from './read.ts';
import { OfficeError } from './errors.ts';

/**
 * What is chosen in Outlook at one moment. `sequence` grows with every change of item; work that began
 * under an older sequence is thrown away (`item.changed`), so that no answer for one message is shown
 * beside another. `none` has several causes that Outlook does not tell apart: nothing chosen, several
 * chosen, encrypted mail, a draft in the list.
 */
export type Item =
  | { readonly kind: 'none'; readonly sequence: number }
  | ({ readonly kind: 'compose' } & ComposeItem)
  | ({ readonly kind: 'read' } & ReadItem);

let sequence = 0;
let current: Item | undefined;
const listeners = new Set<() => void>();

/** Rejects with `item.changed` where the item that the work began with is not the chosen one any more. */
export function guard(begunAt: number): void {
  if (begunAt !== sequence) throw new OfficeError('item.changed');
}

export function currentItem(): Item {
  current ??= snapshot();
  return current;
}

/** Calls back after every change of the chosen item; answers how to stop. */
export function onItemChanged(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Once, after Office is ready. Clients that cannot pin a pane have no such event and reopen the pane instead. */
export function watchItem(): void {
  Office.context.mailbox.addHandlerAsync(Office.EventType.ItemChanged, itemChanged);
}

export function itemChanged(): void {
  sequence += 1;
  current = undefined;
  for (const listener of listeners) listener();
}

function snapshot(): Item {
  const item = Office.context.mailbox.item as unknown as Office.MessageCompose & Office.MessageRead & Office.AppointmentCompose | null | undefined;
  if (!item) return { kind: 'none', sequence };
  // In compose the subject is an object with getAsync; in reading it is the text.
  const composing = typeof item.subject === 'object' && item.subject !== null;
  if (composing) return { kind: 'compose', ...composeItem(item, sequence, guard) };
  return { kind: 'read', ...readItem(item, sequence, guard) };
}
