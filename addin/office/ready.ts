import { OfficeError } from './errors.ts';

const POLL_MS = 50;
/** As long as a person waits before a blank pane looks broken. */
const WAIT_MS = 8000;

/**
 * Waits for the script tag of Office.js and for its own start. The tag is `async`, so that a blocked
 * CDN cannot keep our script from running and saying so. Rejects with `office.timeout` after 8 s and
 * with `office.noHost` where the page runs outside Outlook.
 */
export async function officeReady(waitMs = WAIT_MS): Promise<void> {
  const deadline = performance.now() + waitMs;
  while (typeof Office === 'undefined' || typeof Office.onReady !== 'function') {
    if (performance.now() > deadline) throw new OfficeError('office.timeout');
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  const left = Math.max(deadline - performance.now(), POLL_MS);
  const info = await Promise.race([Office.onReady(), new Promise<null>((resolve) => setTimeout(() => resolve(null), left))]);
  if (!info) throw new OfficeError('office.timeout');
  if (!info.host) throw new OfficeError('office.noHost');
}
