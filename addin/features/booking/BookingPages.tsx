import { Button, Field, Input, Select, Switch } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Confirm, LeaveGuard } from '../../ui/LeaveGuard.tsx';
import { Actions, Card, Detail, Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote, Slow } from '../../ui/states.tsx';
import { problemOf, usePane } from '../pane.ts';
import { pageUrl, useProfiles, type Profile } from './profiles.ts';

/** The person's booking pages: make, change, copy the link, take off. */
export function BookingPages({ onBack }: { readonly onBack: () => void }): ReactElement {
  const profiles = useProfiles();
  const [editing, setEditing] = useState<Profile | 'new' | null>(null);
  if (editing) return <ProfileEditor profile={editing === 'new' ? null : editing} onBack={() => setEditing(null)} />;
  return (
    <Detail title="Booking pages" onBack={onBack}>
      <Row><Button icon={<Icon name="add" />} onClick={() => setEditing('new')}>Booking page</Button></Row>
      {profiles.error ? <ProblemNote problem={problemOf(profiles.error, () => void profiles.refetch())} /> : !profiles.data ? <Loading what="your booking pages" />
        : !profiles.data.length ? <Empty>No booking page yet. Make one, then share its link or offer its free times.</Empty>
        : profiles.data.map((profile) => <ProfileCard key={profile.id} profile={profile} onEdit={() => setEditing(profile)} />)}
    </Detail>
  );
}

function ProfileCard({ profile, onEdit }: { readonly profile: Profile; readonly onEdit: () => void }): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const [copied, setCopied] = useState(false);
  const on = profile.active !== false;
  const turn = useMutation({
    mutationFn: async (active: boolean) => {
      await api.call('PATCH /v1/book/account/profiles/{id}', { params: { id: profile.id }, body: { active } });
      await client.invalidateQueries({ queryKey: ['profiles'] });
    },
  });
  return (
    <Card label={profile.name ?? 'Booking page'}>
      <Heading level={3}>{profile.subject || profile.name}</Heading>
      <Quiet small>{profile.durationMinutes ?? 30} min · {pageUrl(profile).replace(/^https?:\/\//, '')}</Quiet>
      <Switch style={{ marginLeft: -8 }} label={`Takes bookings: ${on ? 'On' : 'Off'}`} checked={on} disabled={turn.isPending} onChange={(_, { checked }) => turn.mutate(checked)} />
      {turn.error && <ProblemNote problem={problemOf(turn.error)} />}
      <Row>
        <Button onClick={() => void navigator.clipboard?.writeText(pageUrl(profile)).then(() => setCopied(true), () => {})}>{copied ? 'Copied' : 'Copy link'}</Button>
        <Button as="a" href={pageUrl(profile)} target="_blank" rel="noopener noreferrer">Preview</Button>
        <Button appearance="subtle" onClick={onEdit}>Edit</Button>
      </Row>
    </Card>
  );
}

interface Form {
  readonly name: string;
  readonly subject: string;
  readonly location: string;
  readonly durationMinutes: number;
  readonly bufferBetweenMinutes: number;
  readonly startAfterMinutes: number;
}

const formOf = (profile: Profile | null): Form => ({
  name: profile?.name ?? '', subject: profile?.subject ?? '', location: profile?.location ?? '',
  durationMinutes: profile?.durationMinutes ?? 30, bufferBetweenMinutes: profile?.bufferBetweenMinutes ?? 0, startAfterMinutes: profile?.startAfterMinutes ?? 60,
});

const NOTICE: readonly (readonly [number, string])[] = [[0, 'None'], [60, '1 hour'], [240, '4 hours'], [1440, '1 day'], [2880, '2 days'], [10_080, '1 week']];
const minutes = (choices: readonly number[], current: number): readonly number[] => [...new Set([...choices, current])].sort((a, b) => a - b);

function ProfileEditor({ profile, onBack }: { readonly profile: Profile | null; readonly onBack: () => void }): ReactElement {
  const { api, config } = usePane();
  const client = useQueryClient();
  const [form, setForm] = useState(() => formOf(profile));
  const [first] = useState(form);
  const [asking, setAsking] = useState<'leave' | 'delete' | null>(null);
  const save = useMutation({
    mutationFn: async () => {
      const body = { ...form, name: form.name.trim() };
      if (profile) await api.call('PATCH /v1/book/account/profiles/{id}', { params: { id: profile.id }, body });
      else await api.call('POST /v1/book/account/profiles', { body });
      await client.invalidateQueries({ queryKey: ['profiles'] });
    },
  });
  const remove = useMutation({
    mutationFn: async () => {
      await api.call('DELETE /v1/book/account/profiles/{id}', { params: { id: profile!.id } });
      await client.invalidateQueries({ queryKey: ['profiles'] });
    },
  });
  // Who has left meanwhile may be in another editor, which this must not close.
  const saveIt = () => save.mutate(undefined, { onSuccess: onBack });
  const removeIt = () => remove.mutate(undefined, { onSuccess: onBack });
  // What is typed while it is saved would be lost with the view.
  const busy = save.isPending || remove.isPending;
  const leave = () => (remove.isPending || JSON.stringify(form) === JSON.stringify(first) ? onBack() : setAsking('leave'));
  const nameOk = form.name.trim().length > 0;
  return (
    <Detail title={profile ? profile.subject || profile.name || 'Booking page' : 'New booking page'} onBack={leave}>
      {asking === 'leave' && <LeaveGuard saving={save.isPending} onSave={() => {
        setAsking(null);
        if (nameOk) saveIt();
      }} onDiscard={onBack} onKeep={() => setAsking(null)} />}
      <div inert={busy}><Stack>
        <Field label="Title" hint="What the meeting is called"><Input value={form.subject} onChange={(_, { value }) => setForm({ ...form, subject: value })} /></Field>
        <Field label="Name in the address" required hint={`${config.publicUrl}/book/…/${form.name || 'product-call'}`}><Input value={form.name} onChange={(_, { value }) => setForm({ ...form, name: value })} /></Field>
        <Field label="Length">
          <Select value={String(form.durationMinutes)} onChange={(_, { value }) => setForm({ ...form, durationMinutes: Number(value) })}>
            {minutes([15, 20, 30, 45, 60, 90], form.durationMinutes).map((n) => <option key={n} value={n}>{n} minutes</option>)}
          </Select>
        </Field>
        <Field label="Free after each meeting">
          <Select value={String(form.bufferBetweenMinutes)} onChange={(_, { value }) => setForm({ ...form, bufferBetweenMinutes: Number(value) })}>
            {minutes([0, 5, 10, 15, 30, 60], form.bufferBetweenMinutes).map((n) => <option key={n} value={n}>{n ? `${n} minutes` : 'No pause'}</option>)}
          </Select>
        </Field>
        <Field label="Notice">
          <Select value={String(form.startAfterMinutes)} onChange={(_, { value }) => setForm({ ...form, startAfterMinutes: Number(value) })}>
            {NOTICE.map(([n, label]) => <option key={n} value={n}>{label}</option>)}
            {!NOTICE.some(([n]) => n === form.startAfterMinutes) && <option value={form.startAfterMinutes}>{form.startAfterMinutes} minutes</option>}
          </Select>
        </Field>
        <Field label="Place (optional)"><Input value={form.location} onChange={(_, { value }) => setForm({ ...form, location: value })} /></Field>
      </Stack></div>
      <Quiet small>Its hours are yours: Settings, Hours and zone.</Quiet>
      {!nameOk && <Quiet small>Give it a name for its address.</Quiet>}
      <Actions outcome={<>
        {busy && <Slow doing={save.isPending ? 'saving' : 'deleting'} />}
        {save.error && <ProblemNote problem={problemOf(save.error, saveIt)} />}
        {remove.error && <ProblemNote problem={problemOf(remove.error, removeIt)} />}
        {asking === 'delete' && <Confirm text="The page will be gone. Meetings that were booked stay." action="Delete" busy={remove.isPending} onConfirm={removeIt} onCancel={() => setAsking(null)} />}
      </>}>
        <Button appearance="primary" disabled={!nameOk} disabledFocusable={busy} onClick={saveIt}>{save.isPending ? 'Saving…' : 'Save'}</Button>
        {profile && asking !== 'delete' && <Button appearance="subtle" disabledFocusable={busy} onClick={() => setAsking('delete')}>Delete</Button>}
      </Actions>
    </Detail>
  );
}
