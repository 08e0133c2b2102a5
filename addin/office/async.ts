import { OfficeError, officeError } from './errors.ts';

/** Some clients never call back (a pane that was unpinned, a dead connection): no screen may wait for ever. */
const ANSWER_MS = 20_000;

/**
 * One call of Office's callback style as a promise. Rejects with an OfficeError: also when the function
 * throws at once (a missing requirement does) and when no answer comes within 20 s.
 */
export function officeCall<T>(start: (done: (result: Office.AsyncResult<T>) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new OfficeError('office.timeout')), ANSWER_MS);
    const done = (result: Office.AsyncResult<T>) => {
      clearTimeout(timer);
      if (String(result.status) === 'failed') reject(officeError(result.error));
      else resolve(result.value);
    };
    try {
      start(done);
    } catch (error) {
      clearTimeout(timer);
      reject(error instanceof TypeError ? new OfficeError('office.unsupported', error.message) : officeError(error as Error));
    }
  });
}

/** True where this client has the whole requirement set, e.g. '1.9'; screens hide what is not there. */
export const supportsMailbox = (version: string): boolean => Office.context.requirements.isSetSupported('Mailbox', version);
