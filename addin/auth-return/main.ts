import { officeReady } from '../office/ready.ts';
import { messageParent } from '../office/dialog.ts';

/**
 * The last page of the sign-in dialog: hands the one-time code to the pane that opened the dialog. The
 * code alone is worth nothing; the pane redeems it together with its own identity token.
 */
const query = new URLSearchParams(location.search);
const text = document.getElementById('root')!;

async function handOver(): Promise<void> {
  await officeReady();
  messageParent(JSON.stringify({
    kind: 'sundial.signin',
    status: query.get('status') ?? 'error',
    code: query.get('code'),
    state: query.get('state'),
    error: query.get('error'),
    errorMessage: query.get('errorMessage'),
    requestId: query.get('requestId'),
  }));
  text.textContent = 'You can close this window.';
}

text.style.cssText = 'font: 16px/1.5 system-ui, sans-serif; padding: 24px;';
text.setAttribute('role', 'status');
text.textContent = 'Signing in…';
// The code must not stay in the window's address.
const clean = `${location.origin}${location.pathname}`;
if (typeof history.replaceState === 'function') history.replaceState(null, '', clean);
handOver().catch(() => {
  text.textContent = 'This window was not opened by Sundial’s task pane. Close it and choose Sign in there.';
});
