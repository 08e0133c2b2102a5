/** Outlook's callbacks as promises, for the engine of the events: see tracked-draft.ts for what it bears. */
type Start<T> = (done: (result: { status: unknown; value: T; error: unknown }) => void) => void;

/** Rejects when Outlook says no and when it throws at once, as it does for what a client has not. */
export function ask<T>(start: Start<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    start((result) => {
      if (String(result.status) === 'failed') reject(result.error);
      else resolve(result.value);
    });
  });
}

/** The same, with an answer for the case that there is none. */
export function askOr<T>(start: Start<T>, otherwise: T): Promise<T> {
  return ask(start).catch(() => otherwise);
}

/** The item of the event. Its type in Office.js knows only one of its four forms at a time. */
export function composedItem(): Office.MessageCompose {
  const item = Office.context.mailbox.item as unknown as Office.MessageCompose | null;
  if (!item) throw new Error('The event came without an item.');
  return item;
}

export function supports(version: string): boolean {
  return Office.context.requirements.isSetSupported('Mailbox', version);
}
