/** What Outlook keeps with the mailbox for the add-in: custom properties of items, roaming settings. Here, in this browser. */
const PREFIX = 'sundial.playground.';

function read(name: string): Record<string, unknown> {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

const write = (name: string, value: Record<string, unknown>): void => localStorage.setItem(PREFIX + name, JSON.stringify(value));

export const stored = {
  roaming: () => read('roaming'),
  saveRoaming: (values: Record<string, unknown>) => write('roaming', values),
  properties: (itemId: string) => read(`item.${itemId}`),
  saveProperties: (itemId: string, values: Record<string, unknown>) => write(`item.${itemId}`, values),
  /** What a stored draft answers. */
  reply: (draftId: string) => read(`reply.${draftId}`),
  saveReply: (draftId: string, reply: object) => write(`reply.${draftId}`, reply as Record<string, unknown>),
  /** After a Reset nothing of the old mailboxes is left. */
  clear() {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  },
};
