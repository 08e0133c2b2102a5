import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPane, press, Refusal, seen, type Pane, type Routes } from '../support/pane.tsx';

/** Not linked at first; linked once the code has been redeemed. */
function signedOut(part: Routes = {}): Routes {
  let linked = false;
  return {
    'GET /v1/user': () => (linked ? { id: 'u1', accounts: [{ id: 7, email: 'you@playground.test', userAccountType: 'primary' }] } : new Refusal(401, 'unauthorized')),
    'POST /v1/auth/prepare': { token: 'prepared-1' },
    'POST /v1/auth/token/{code}': () => {
      linked = true;
      return { accountId: 7 };
    },
    ...part,
  };
}

const dialogUrl = (pane: Pane): URL => new URL(pane.office.dialogs.at(-1)!.url);
const answer = (pane: Pane, part: Record<string, unknown> = {}) => act(async () => pane.office.dialogs.at(-1)!.answer(
  JSON.stringify({ kind: 'sundial.signin', status: 'success', code: 'code-1', state: dialogUrl(pane).searchParams.get('state'), ...part })));
const opened = (pane: Pane, count = 1) => waitFor(() => expect(pane.office.dialogs).toHaveLength(count));

describe('signing in', () => {
  it('says what Sundial is for, opens the form in a dialog on the pane’s own origin, and redeems its code with the identity token', async () => {
    const pane = openPane(signedOut());
    await seen('See what was opened. Follow up automatically. Share free times.');
    await press('button', 'Sign in');
    await opened(pane);
    const url = dialogUrl(pane);
    expect(url.origin).toBe(location.origin);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({ clientId: 'client-1', serviceType: 'Hosted', accountRole: 'primary', responseType: 'code', token: 'prepared-1', returnUrl: `${location.origin}/addin/auth-return.html` });
    await seen('Finish in the sign-in window.');
    await answer(pane);
    await screen.findByRole('tab', { name: /Message/ });
    const [redeemed] = pane.to('POST /v1/auth/token/{code}');
    expect(redeemed!.path).toBe('/v1/auth/token/code-1');
    expect(redeemed!.headers.get('x-aurinko-auth-type')).toBe('exchangeIdToken');
    expect(redeemed!.headers.get('authorization')).toBe('Bearer identity-token');
    expect(pane.office.dialogs[0]!.closed).toBe(true);
  });

  it('keeps no token outside memory and puts none into an address', async () => {
    const pane = openPane();
    await screen.findByRole('tab', { name: /Message/ });
    expect(JSON.stringify(pane.office.roaming)).not.toContain('identity-token');
    expect(localStorage.length + sessionStorage.length).toBe(0);
    for (const request of pane.asked) expect(`${request.path}?${request.query}`).not.toContain('identity-token');
  });

  it('redeems nothing when the window answers for another sign-in', async () => {
    const pane = openPane(signedOut());
    await press('button', 'Sign in');
    await opened(pane);
    await seen('Finish in the sign-in window.');
    await answer(pane, { state: 'of-somebody-else' });
    await seen(/another sign-in. Nothing was linked/);
    expect(pane.to('POST /v1/auth/token/{code}')).toEqual([]);
  });

  it('does not hear a message from another origin', async () => {
    const pane = openPane(signedOut());
    await press('button', 'Sign in');
    await opened(pane);
    await seen('Finish in the sign-in window.');
    await act(async () => pane.office.dialogs[0]!.answer(JSON.stringify({ kind: 'sundial.signin', status: 'success', code: 'x', state: dialogUrl(pane).searchParams.get('state') }), 'https://evil.test'));
    expect(pane.to('POST /v1/auth/token/{code}')).toEqual([]);
    await seen('Finish in the sign-in window.');
  });

  it('comes back to Sign in when the person closes the window, and opens another on Open again', async () => {
    const pane = openPane(signedOut());
    await press('button', 'Sign in');
    await opened(pane);
    await seen('Finish in the sign-in window.');
    await press('button', 'Open again');
    await opened(pane, 2);
    await seen('Finish in the sign-in window.');
    await act(async () => pane.office.dialogs[1]!.closeByUser());
    await screen.findByRole('button', { name: 'Sign in' });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says how to unblock a blocked window', async () => {
    const pane = openPane(signedOut());
    pane.office.failures.set('displayDialog', { code: 12011, name: '', message: 'blocked' });
    await press('button', 'Sign in');
    await seen('The sign-in window was blocked. Allow pop-ups for this site.');
    await press('button', 'Try again');
    await opened(pane);
  });

  it('says why where the mailbox’s server issues no identity tokens', async () => {
    const pane = openPane(signedOut(), { token: () => '' });
    await seen(/doesn’t issue identity tokens/);
    expect(pane.asked).toEqual([]);
  });

  it('asks to sign in again when the session ends', async () => {
    const pane = openPane();
    await screen.findByRole('tab', { name: /Activity/ });
    pane.routes['GET /v1/followup/rules'] = new Refusal(401, 'unauthorized');
    pane.routes['GET /v1/email/tracking'] = new Refusal(401, 'unauthorized');
    await press('tab', /Settings/);
    await press('button', 'Templates and sequences');
    await seen('Your session has ended.');
    await screen.findByRole('button', { name: 'Sign in again' });
  });

  it('keeps a half-filled form when the session ends, and goes on with it after the sign-in', async () => {
    let linked = true;
    const refused = new Refusal(401, 'unauthorized');
    const pane = openPane(signedOut({
      'GET /v1/user': () => (linked ? { id: 'u1', accounts: [{ id: 7, email: 'you@playground.test', userAccountType: 'primary' }] } : refused),
      'POST /v1/followup/rules': () => (linked ? { id: 5 } : refused),
      'POST /v1/auth/token/{code}': () => {
        linked = true;
        return { accountId: 7 };
      },
    }));
    await press('tab', /Settings/);
    await press('button', 'Templates and sequences');
    await press('button', 'Sequence');
    fireEvent.change(await screen.findByLabelText(/^Name/), { target: { value: 'Half filled' } });
    linked = false;
    await press('button', 'Save');
    await seen('Your session has ended.');
    await seen('What you typed is kept.');
    await press('button', 'Sign in again');
    await opened(pane);
    await seen('Finish in the sign-in window.');
    expect((screen.getByLabelText(/^Name/) as HTMLInputElement).value).toBe('Half filled');
    await answer(pane);
    await waitFor(() => expect(screen.queryByText('Finish in the sign-in window.')).toBeNull());
    await press('button', 'Save');
    await waitFor(() => expect(pane.to('POST /v1/followup/rules').at(-1)!.body).toMatchObject({ name: 'Half filled' }));
  });

  it('keeps nothing on the screen after a sign-out', async () => {
    openPane({ 'POST /v1/user/logout': { status: 'Ok' } });
    await press('tab', /Settings/);
    await press('button', 'Account');
    await press('button', 'Sign out');
    await screen.findByRole('button', { name: 'Sign in' });
    expect(screen.queryByRole('tab')).toBeNull();
  });

  it('says what it stores before anybody signs in', async () => {
    openPane(signedOut());
    await press('button', 'What Sundial stores');
    await seen(/your templates, follow-ups and booking pages/);
    expect(document.activeElement?.textContent).toBe('What Sundial stores');
    await press('button', 'Back');
    await screen.findByRole('button', { name: 'Sign in' });
    // Back goes to what opened the view.
    await waitFor(() => expect(document.activeElement?.textContent).toBe('What Sundial stores'));
    expect(document.activeElement?.tagName).toBe('BUTTON');
  });
});
