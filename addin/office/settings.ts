/**
 * Small choices of this mailbox's owner (last tracking choice, appearance). They travel with the mailbox
 * and are no place for secrets. A pane that is reloaded may read an older value; each has a good default.
 */
export function roaming<T>(name: string, read: (value: unknown) => T): T {
  try {
    return read(Office.context.roamingSettings.get(name));
  } catch {
    return read(undefined);
  }
}

/** Saved in the background: a choice that is not remembered must not disturb anybody. */
export function setRoaming(name: string, value: string | number | boolean): void {
  try {
    const settings = Office.context.roamingSettings;
    settings.set(name, value);
    settings.saveAsync(() => {});
  } catch {
    // Clients without roaming settings start from the default again.
  }
}
