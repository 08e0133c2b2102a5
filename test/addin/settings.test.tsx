import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { openPane, press, Refusal, seen, type Pane, type Routes } from '../support/pane.tsx';

const page = (records: unknown[]) => ({ offset: 0, totalSize: records.length, done: true, records });
const NUDGE = { id: 3, name: 'Gentle nudge', workingDays: true, actions: [{ intervalDays: 3, message: '<p>Hello</p>' }], running: 2 };
const THANKS = { id: 4, name: 'Thanks', templateSubject: 'Thank you', templateBody: '<p>Thank you, {{firstName}}</p>', actions: [], running: 0 };

async function openRules(routes: Routes = {}): Promise<Pane> {
  const pane = openPane({ 'GET /v1/followup/rules': page([NUDGE, THANKS]), 'POST /v1/followup/rules': { id: 9 }, 'PUT /v1/followup/rules/{id}': { id: 4 }, 'DELETE /v1/followup/rules/{id}': { status: 'Ok' }, ...routes });
  await press('tab', /Settings/);
  await press('button', 'Templates and sequences');
  await screen.findByRole('button', { name: /^Gentle nudge/ });
  return pane;
}
const type = async (label: RegExp, value: string): Promise<void> => {
  fireEvent.change(await screen.findByLabelText(label), { target: { value } });
};

describe('the editor of templates and sequences', () => {
  it('makes a sequence: a name, and a first step that is written already', async () => {
    const pane = await openRules();
    await press('button', 'Sequence');
    expect(screen.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', true);
    await seen('Give it a name.');
    await type(/^Name/, ' Patient ');
    await press('button', 'Save');
    await screen.findByRole('button', { name: /^Gentle nudge/ });
    const [made] = pane.to('POST /v1/followup/rules');
    expect(made!.body).toMatchObject({ name: 'Patient', workingDays: true, actions: [{ intervalDays: 3 }] });
    expect(made!.headers.get('idempotency-key')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('changes a rule and keeps what was not touched', async () => {
    const pane = await openRules();
    await press('button', /^Thanks/);
    await type(/^Name/, 'Many thanks');
    await press('button', 'Save');
    await screen.findByRole('button', { name: /^Gentle nudge/ });
    expect(pane.to('PUT /v1/followup/rules/{id}').map((r) => [r.path, r.body])).toEqual([
      ['/v1/followup/rules/4', { name: 'Many thanks', workingDays: true, templateSubject: 'Thank you', templateBody: '<p>Thank you, {{firstName}}</p>', actions: [] }],
    ]);
  });

  it('leaves at once where nothing was changed', async () => {
    await openRules();
    await press('button', /^Thanks/);
    await press('button', 'Back');
    await screen.findByRole('button', { name: /^Gentle nudge/ });
  });

  it('asks before it loses changes: Keep editing stays, Discard leaves, Save saves', async () => {
    const pane = await openRules();
    await press('button', /^Thanks/);
    await type(/^Name/, 'Other');
    await press('button', 'Back');
    await screen.findByRole('alertdialog', { name: 'You have changes that are not saved.' });
    await press('button', 'Keep editing');
    expect(screen.queryByRole('alertdialog')).toBeNull();
    expect((screen.getByLabelText(/^Name/) as HTMLInputElement).value).toBe('Other');
    await press('button', 'Back');
    await press('button', 'Discard');
    await screen.findByRole('button', { name: /^Gentle nudge/ });
    expect(pane.to('PUT /v1/followup/rules/{id}')).toEqual([]);

    await press('button', /^Thanks/);
    await type(/^Name/, 'Other');
    fireEvent.keyDown(screen.getByLabelText(/^Name/), { key: 'Escape' });
    const [save] = (await screen.findByRole('alertdialog')).querySelectorAll('button');
    save!.click();
    await screen.findByRole('button', { name: /^Gentle nudge/ });
    expect(pane.to('PUT /v1/followup/rules/{id}').map((r) => (r.body as { name: string }).name)).toEqual(['Other']);
  });

  it('says before a deletion which follow-ups will stop', async () => {
    const pane = await openRules();
    await press('button', /^Gentle nudge/);
    await press('button', 'Delete');
    await screen.findByRole('alertdialog', { name: '2 running follow-ups will stop.' });
    expect(pane.to('DELETE /v1/followup/rules/{id}')).toEqual([]);
    const confirm = screen.getByRole('alertdialog').querySelector('button')!;
    confirm.click();
    await screen.findByRole('button', { name: /^Thanks/ });
    expect(pane.to('DELETE /v1/followup/rules/{id}').map((r) => r.path)).toEqual(['/v1/followup/rules/3']);
  });

  it('keeps the form when saving fails, says why, and saves on the next try with the key of the first', async () => {
    const pane = await openRules({ 'POST /v1/followup/rules': new Refusal(500, 'internal') });
    await press('button', 'Sequence');
    await type(/^Name/, 'Patient');
    await press('button', 'Save');
    await seen('Something failed on the server; nothing was sent.');
    expect((screen.getByLabelText(/^Name/) as HTMLInputElement).value).toBe('Patient');
    pane.routes['POST /v1/followup/rules'] = { id: 9 };
    await press('button', 'Try again');
    await screen.findByRole('button', { name: /^Gentle nudge/ });
    const keys = pane.to('POST /v1/followup/rules').map((r) => r.headers.get('idempotency-key'));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });
});

describe('the editor of booking pages', () => {
  const PROFILE = { id: 8, name: 'product-call', subject: 'Product call', durationMinutes: 30, active: true, aurinkoClientId: 'client-1' };
  const openPages = async (routes: Routes = {}): Promise<Pane> => {
    const pane = openPane({ 'GET /v1/book/account/profiles': page([PROFILE]), 'PATCH /v1/book/account/profiles/{id}': PROFILE, ...routes });
    await press('tab', /Settings/);
    await press('button', 'Booking pages');
    return pane;
  };

  it('makes a page, and says when its name is taken without losing what was typed', async () => {
    const pane = await openPages({ 'POST /v1/book/account/profiles': new Refusal(409, 'name.taken', 'name: demo is taken.') });
    await press('button', 'Booking page');
    await type(/^Title/, 'Demo');
    await type(/^Name in the address/, 'demo');
    await press('button', 'Save');
    await seen('name: demo is taken.');
    expect((screen.getByLabelText(/^Title/) as HTMLInputElement).value).toBe('Demo');
    pane.routes['POST /v1/book/account/profiles'] = { id: 9 };
    await press('button', 'Save');
    await screen.findByRole('heading', { name: 'Product call' });
    expect(pane.to('POST /v1/book/account/profiles').at(-1)!.body).toMatchObject({ name: 'demo', subject: 'Demo', durationMinutes: 30 });
  });

  it('asks before it loses changes, and before it deletes', async () => {
    const pane = await openPages();
    await press('button', 'Edit');
    await type(/^Title/, 'Other');
    await press('button', 'Back');
    await press('button', 'Keep editing');
    await press('button', 'Delete');
    await screen.findByRole('alertdialog', { name: 'The page will be gone. Meetings that were booked stay.' });
    await press('button', 'Cancel');
    await press('button', 'Back');
    await press('button', 'Discard');
    await screen.findByRole('heading', { name: 'Product call' });
    expect(pane.asked.filter((r) => r.method === 'PATCH' || r.method === 'DELETE')).toEqual([]);
  });

  it('turns a page off', async () => {
    const pane = await openPages();
    await press('switch', /Takes bookings: On/);
    await waitFor(() => expect(pane.to('PATCH /v1/book/account/profiles/{id}').map((r) => r.body)).toEqual([{ active: false }]));
  });
});

describe('the tracking settings', () => {
  it('delete what was recorded only after they said what that means', async () => {
    const pane = openPane({ 'DELETE /v1/email/tracking': { status: 'Ok' } });
    await press('tab', /Settings/);
    await press('button', 'Tracking');
    await seen('What was recorded is deleted after 12 months.');
    await press('button', 'Delete my tracking data');
    expect(pane.to('DELETE /v1/email/tracking')).toEqual([]);
    screen.getByRole('alertdialog').querySelector('button')!.click();
    await seen('Your tracking data has been deleted.');
    expect(pane.to('DELETE /v1/email/tracking')).toHaveLength(1);
  });
});
