import { answer, trailing } from './async.ts';
import { limited } from './body.ts';
import { failed } from './failures.ts';
import type { Transport } from './transport.ts';

const SUBJECT_CHARACTERS = 255;
const RECIPIENTS_PER_CALL = 100;
const NOTIFICATION_CHARACTERS = 150;
const NOTIFICATION_KEY_CHARACTERS = 32;
const NOTIFICATIONS_PER_ITEM = 5;
const CUSTOM_PROPERTIES_CHARACTERS = 2_500;
const SESSION_DATA_CHARACTERS = 50_000;

export function subject(transport: Transport, key: string) {
  return {
    getAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('subject.get', [], key));
    },
    setAsync(data: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('subject.set', [limited(data, SUBJECT_CHARACTERS)], key));
    },
  };
}

/** `list`: strings are addresses, objects carry displayName and emailAddress. */
function people(list: unknown): { displayName: string; emailAddress: string }[] {
  if (!Array.isArray(list)) throw failed('InvalidParameterValueError', 'recipients must be an array.');
  if (list.length > RECIPIENTS_PER_CALL) throw failed('NumberOfRecipientsExceeded');
  return list.map((entry: unknown) => {
    if (typeof entry === 'string') return { displayName: entry, emailAddress: entry };
    const { displayName, emailAddress } = entry as { displayName?: unknown; emailAddress?: unknown };
    if (typeof emailAddress !== 'string') throw failed('InvalidParameterValueError', 'Each recipient is a string or has an emailAddress.');
    return { displayName: typeof displayName === 'string' ? displayName : emailAddress, emailAddress };
  });
}

export function recipients(transport: Transport, key: string, field: 'to' | 'cc' | 'bcc') {
  return {
    getAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('recipients.get', [field], key));
    },
    setAsync(list: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('recipients.set', [field, people(list)], key));
    },
    addAsync(list: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('recipients.add', [field, people(list)], key));
    },
  };
}

export function internetHeaders(transport: Transport, key: string) {
  return {
    getAsync(names: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('headers.get', [names], key));
    },
    setAsync(headers: unknown, ...rest: unknown[]) {
      answer(rest, () => {
        for (const [name, value] of Object.entries(headers as Record<string, unknown>)) {
          if (!/^[!-9;-~]+$/.test(name) || typeof value !== 'string' || /[\r\n]/.test(value)) throw failed('InvalidParameterValueError', `${name} is not a header that can be set.`);
        }
        return transport.call('headers.set', [headers], key);
      });
    },
    removeAsync(names: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('headers.remove', [names], key));
    },
  };
}

interface Notification {
  readonly key: string;
  readonly type: string;
  readonly message: string;
}

export function notificationMessages(transport: Transport, key: string) {
  const shown = async (): Promise<Notification[]> => await transport.call('notifications.get', [], key) as Notification[];
  const checked = (name: unknown, details: unknown): Notification => {
    if (typeof name !== 'string' || !name || name.length > NOTIFICATION_KEY_CHARACTERS) throw failed('InvalidParameterValueError', `key must have 1 to ${NOTIFICATION_KEY_CHARACTERS} characters.`);
    const { type, message, icon, persistent } = (details ?? {}) as Record<string, unknown>;
    if (!['progressIndicator', 'informationalMessage', 'errorMessage'].includes(String(type))) throw failed('InvalidParameterValueError', 'type is not one that Outlook on the web shows in a read or compose form.');
    if (typeof message !== 'string' || message.length > NOTIFICATION_CHARACTERS) throw failed('InvalidParameterValueError', `message must have at most ${NOTIFICATION_CHARACTERS} characters.`);
    if (type === 'informationalMessage' && (typeof icon !== 'string' || typeof persistent !== 'boolean')) throw failed('InvalidParameterValueError', 'An informational message needs an icon and persistent.');
    if (type !== 'informationalMessage' && (icon !== undefined || persistent !== undefined)) throw failed('InvalidParameterValueError', 'icon and persistent belong to informational messages only.');
    return { key: name, type: String(type), message };
  };
  return {
    addAsync(name: unknown, details: unknown, ...rest: unknown[]) {
      answer(rest, async () => {
        const notification = checked(name, details);
        const present = await shown();
        if (present.some((n) => n.key === notification.key)) throw failed('DuplicateNotificationKey');
        if (present.length >= NOTIFICATIONS_PER_ITEM) throw failed('NumberOfNotificationsExceeded');
        await transport.call('notifications.put', [notification], key);
      });
    },
    /** Adds the notification where none has the key. */
    replaceAsync(name: unknown, details: unknown, ...rest: unknown[]) {
      answer(rest, async () => {
        const notification = checked(name, details);
        const present = await shown();
        if (!present.some((n) => n.key === notification.key) && present.length >= NOTIFICATIONS_PER_ITEM) throw failed('NumberOfNotificationsExceeded');
        await transport.call('notifications.put', [notification], key);
      });
    },
    removeAsync(name: unknown, ...rest: unknown[]) {
      answer(rest, async () => {
        if (!(await shown()).some((n) => n.key === name)) throw failed('NotificationKeyNotFound');
        await transport.call('notifications.remove', [name], key);
      });
    },
    getAllAsync(...rest: unknown[]) {
      answer(rest, shown);
    },
  };
}

/** A copy of the item's properties that becomes real with saveAsync; at most 2,500 characters as JSON. */
export function customProperties(transport: Transport, key: string, loaded: Record<string, unknown>) {
  const values = { ...loaded };
  return {
    get: (name: string): unknown => values[name],
    getAll: (): Record<string, unknown> => ({ ...values }),
    set(name: string, value: unknown) {
      values[name] = value;
    },
    remove(name: string) {
      delete values[name];
    },
    saveAsync(...rest: unknown[]) {
      // The oldest form takes the context alone, or the callback and then the context.
      const args = typeof rest[0] === 'function' || rest.length === 0 ? rest : [{ asyncContext: rest[0] }];
      trailing(args);
      if (JSON.stringify(values).length > CUSTOM_PROPERTIES_CHARACTERS) throw new RangeError('Sys.ArgumentOutOfRangeException: customProperties');
      answer(args, () => transport.call('properties.save', [values], key));
    },
  };
}

export function sessionData(transport: Transport, key: string) {
  const all = async (): Promise<Record<string, string>> => await transport.call('session.get', [], key) as Record<string, string>;
  return {
    getAllAsync(...rest: unknown[]) {
      answer(rest, all);
    },
    getAsync(name: string, ...rest: unknown[]) {
      answer(rest, async () => {
        const values = await all();
        if (!(name in values)) throw failed('KeyNotFound');
        return values[name];
      });
    },
    setAsync(name: string, value: string, ...rest: unknown[]) {
      answer(rest, async () => {
        const values = { ...await all(), [name]: value };
        if (JSON.stringify(values).length > SESSION_DATA_CHARACTERS) throw failed('SessionObjectMaxLengthExceeded');
        await transport.call('session.set', [values], key);
      });
    },
    removeAsync(name: string, ...rest: unknown[]) {
      answer(rest, async () => {
        const { [name]: _gone, ...values } = await all();
        await transport.call('session.set', [values], key);
      });
    },
    clearAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('session.set', [{}], key));
    },
  };
}
