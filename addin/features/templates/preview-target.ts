import type { Recipient } from '../../office/compose.ts';

/** What the server takes for an address, with a domain of two labels or more. */
const ADDRESS = /^[\w.+'-]+@([a-z0-9-]+\.)+[a-z]{2,}$/i;

/** Nobody where the address is none, as Outlook shows of some senders; the fields of a recipient stay open then. */
export const addressable = (person: Recipient | undefined): Recipient | undefined => (person && ADDRESS.test(person.email) ? person : undefined);

/** Whom a preview is for, as the server is asked. */
export function previewTarget(found: Recipient | undefined): { targets?: string[]; targetNames?: Record<string, string> } {
  const person = addressable(found);
  return person ? { targets: [person.email], targetNames: { [person.email]: person.name } } : {};
}
