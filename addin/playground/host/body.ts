import type { Transport } from './transport.ts';
import { answer, trailing } from './async.ts';
import { failed } from './failures.ts';

const ON_SEND_CHARACTERS = 5_000;
const SIGNATURE_CHARACTERS = 30_000;
const BODY_CHARACTERS = 1_000_000;

type Coercion = 'text' | 'html';

/** What was left out is text, as the documentation has it; another value is an error of the caller. */
function coercion(value: unknown): Coercion {
  if (value === undefined || value === null || value === 'text') return 'text';
  if (value === 'html') return 'html';
  throw failed('InvalidParameterValueError', 'coercionType must be Office.CoercionType.Text or Office.CoercionType.Html.');
}

export function limited(data: unknown, most: number): string {
  if (typeof data !== 'string') throw failed('InvalidParameterValueError', 'data must be a string.');
  if (data.length > most) throw failed('DataExceedsMaximumSize', `data has ${data.length} characters; this method takes ${most}.`);
  return data;
}

export function readBody(transport: Transport, key: string) {
  return {
    getAsync(type: unknown, ...rest: unknown[]) {
      answer(rest, () => transport.call('body.get', [coercion(type)], key));
    },
    getTypeAsync(...rest: unknown[]) {
      answer(rest, () => transport.call('body.type', [], key));
    },
  };
}

export function composeBody(transport: Transport, key: string) {
  /** HTML goes only into an HTML body; text goes into both. */
  const write = (method: string, data: unknown, most: number, rest: readonly unknown[]): void => {
    const { options } = trailing(rest);
    answer(rest, async () => {
      const type = coercion(options.coercionType);
      const content = limited(data, most);
      if (type === 'html' && await transport.call('body.type', [], key) === 'text') throw failed('InvalidFormatError');
      await transport.call(method, [content, type], key);
    });
  };
  return {
    ...readBody(transport, key),
    setAsync(data: unknown, ...rest: unknown[]) {
      write('body.set', data, BODY_CHARACTERS, rest);
    },
    prependAsync(data: unknown, ...rest: unknown[]) {
      write('body.prepend', data, BODY_CHARACTERS, rest);
    },
    setSelectedDataAsync(data: unknown, ...rest: unknown[]) {
      write('body.setSelected', data, BODY_CHARACTERS, rest);
    },
    setSignatureAsync(data: unknown, ...rest: unknown[]) {
      write('body.setSignature', data, SIGNATURE_CHARACTERS, rest);
    },
    /** Null takes back what an earlier call asked for. */
    appendOnSendAsync(data: unknown, ...rest: unknown[]) {
      write('body.appendOnSend', data ?? '', ON_SEND_CHARACTERS, rest);
    },
    prependOnSendAsync(data: unknown, ...rest: unknown[]) {
      write('body.prependOnSend', data ?? '', ON_SEND_CHARACTERS, rest);
    },
  };
}
