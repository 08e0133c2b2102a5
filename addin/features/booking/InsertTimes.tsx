import { Button, Checkbox, Field, Select, ToggleButton } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { ApiError } from '../../api.ts';
import { Actions, Detail, Quiet, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { productNow } from '../../ui/time.tsx';
import { isStale, problemOf, usePane } from '../pane.ts';
import { escapeHtml, pageUrl, profileLabel, useProfiles, type Profile } from './profiles.ts';

/** Where the lines go: at the cursor of what is written, or into a reply that is opened with them. */
export interface TimesTarget {
  insert(html: string, text: string): Promise<void>;
}

interface Slot {
  readonly start: string;
  readonly end: string;
}

/** Free times as lines in the message, each a link that opens the filled form. Three on different days are chosen at first. */
export function InsertTimes({ target, onBack }: { readonly target: TimesTarget; readonly onBack: () => void }): ReactElement {
  const profiles = useProfiles();
  const [profileId, setProfileId] = useState<number | null>(null);
  const open = profiles.data?.filter((p) => p.active !== false) ?? [];
  const profile = open.find((p) => p.id === profileId) ?? open[0];
  return (
    <Detail title="Free times" onBack={onBack}>
      {profiles.error ? <ProblemNote problem={problemOf(profiles.error, () => void profiles.refetch())} /> : !profiles.data ? <Loading what="your booking pages" />
        : !profile ? <Empty>Free times come from a booking page. Make one in Settings, Booking pages.</Empty> : (
          <Stack>
            {open.length > 1 && (
              <Field label="Booking page">
                <Select value={String(profile.id)} onChange={(_, { value }) => setProfileId(Number(value))}>
                  {open.map((p) => <option key={p.id} value={p.id}>{profileLabel(p)}</option>)}
                </Select>
              </Field>
            )}
            <TimesForm key={profile.id} profile={profile} target={target} onBack={onBack} />
          </Stack>
        )}
    </Detail>
  );
}

function TimesForm({ profile, target, onBack }: { readonly profile: Profile; readonly target: TimesTarget; readonly onBack: () => void }): ReactElement {
  const { api, account } = usePane();
  const zone = account.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const [hold, setHold] = useState(false);
  const [more, setMore] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const times = useQuery({
    queryKey: ['times', profile.id],
    queryFn: ({ signal }) => api.call('GET /v1/book/account/profiles/{id}/meeting', { params: { id: profile.id } }, { signal }),
  });
  if (times.error) return <ProblemNote problem={problemOf(times.error, () => void times.refetch())} />;
  if (!times.data) return <Loading what="your calendar" />;
  const slots = times.data.items.flatMap((i): Slot[] => (i.start && i.end ? [{ start: i.start, end: i.end }] : []));
  if (!slots.length) return <Empty>No free time in the next weeks. Check the hours of this booking page.</Empty>;
  const days = groupByDay(slots, zone);
  // A time that somebody else has taken meanwhile is chosen no more.
  const chosen = (picked ?? firstOfThreeDays(days)).filter((start) => slots.some((s) => s.start === start));
  const toggle = (start: string, on: boolean) => setPicked(on ? [...chosen, start].sort() : chosen.filter((s) => s !== start));

  const insert = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const offered = slots.filter((s) => chosen.includes(s.start));
      const lines: { slot: Slot; url: string }[] = [];
      for (const slot of offered) {
        const url = new URL(pageUrl(profile));
        url.searchParams.set('start', slot.start);
        if (hold) {
          const held = await api.call('POST /v1/book/account/profiles/{id}/meeting', { params: { id: profile.id }, query: { reserveForMinutes: minutesUntil(tomorrowAt17(zone)) }, body: { time: slot } });
          // Behind the #, which no server and no log along the way gets to see.
          if (held.rescheduleToken) url.hash = `hold=${held.rescheduleToken}`;
        }
        lines.push({ slot, url: url.toString() });
      }
      await target.insert(timesHtml(lines, pageUrl(profile), zone), timesText(lines, pageUrl(profile), zone));
      onBack();
    } catch (error) {
      if (isStale(error)) return;
      setFailure(error);
      void times.refetch();
    } finally {
      setBusy(false);
    }
  };

  const shown = more ? days : days.slice(0, 3);
  return (
    <Stack>
      <Quiet>Times in {zone.replaceAll('_', ' ')}. Choose as many as you like.</Quiet>
      {shown.map(([day, list]) => (
        <fieldset key={day} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <legend style={{ padding: '0 0 4px', fontWeight: 600 }}>{dayName(list[0]!.start, zone)}</legend>
          <div style={{ display: 'grid', gridTemplateColumns: 'repeat(auto-fill, minmax(3.4rem, 1fr))', gap: 8 }}>
            {list.map((slot) => {
              const on = chosen.includes(slot.start);
              return <ToggleButton key={slot.start} appearance={on ? 'primary' : 'secondary'} style={{ minWidth: 0, paddingInline: 2 }} checked={on} onClick={() => toggle(slot.start, !on)}>{hour(slot.start, zone)}</ToggleButton>;
            })}
          </div>
        </fieldset>
      ))}
      {!more && days.length > shown.length && <div><Button onClick={() => setMore(true)}>More days</Button></div>}
      <Checkbox label="Hold until tomorrow 17:00" checked={hold} onChange={(_, { checked }) => setHold(checked === true)} />
      <Actions outcome={failure !== null && <ProblemNote problem={failure instanceof ApiError && failure.code === 'slot.taken' ? { text: 'That time has gone. Choose another.' } : problemOf(failure, () => void insert())} />}><Button appearance="primary" disabled={!chosen.length} disabledFocusable={busy} onClick={() => void insert()}>{chosen.length === 1 ? 'Insert 1 time' : `Insert ${chosen.length} times`}</Button></Actions>
    </Stack>
  );
}

const format = (options: Intl.DateTimeFormatOptions, zone: string) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
const dayName = (at: string, zone: string): string => format({ weekday: 'long', day: 'numeric', month: 'long' }, zone).format(new Date(at));
const hour = (at: string, zone: string): string => format({ hour: '2-digit', minute: '2-digit' }, zone).format(new Date(at));

function groupByDay(slots: readonly Slot[], zone: string): [string, Slot[]][] {
  const key = format({ year: 'numeric', month: '2-digit', day: '2-digit' }, zone);
  const days = new Map<string, Slot[]>();
  for (const slot of slots) {
    const day = key.format(new Date(slot.start));
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return [...days];
}

/** Three different days, a different part of each: the reader gets a real choice. */
export function firstOfThreeDays(days: readonly (readonly [string, readonly { start: string }[]])[]): string[] {
  return days.slice(0, 3).map(([, list], i) => list[Math.min(list.length - 1, Math.floor((list.length * i) / 3))]!.start);
}

export function timesHtml(lines: readonly { slot: Slot; url: string }[], page: string, zone: string): string {
  const items = lines.map(({ slot, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(`${dayName(slot.start, zone)}, ${hour(slot.start, zone)}–${hour(slot.end, zone)}`)}</a></li>`).join('');
  return `<p>Would one of these times suit you? (${escapeHtml(zone.replaceAll('_', ' '))})</p><ul>${items}</ul><p><a href="${escapeHtml(page)}">Other times</a></p>`;
}

export function timesText(lines: readonly { slot: Slot; url: string }[], page: string, zone: string): string {
  const items = lines.map(({ slot, url }) => `- ${dayName(slot.start, zone)}, ${hour(slot.start, zone)}–${hour(slot.end, zone)}: ${url}`);
  return [`Would one of these times suit you? (${zone.replaceAll('_', ' ')})`, ...items, `Other times: ${page}`].join('\n');
}

/** 17:00 of the next day by the clock of the zone. */
function tomorrowAt17(zone: string): Date {
  const parts = Object.fromEntries(format({ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }, zone).formatToParts(productNow()).map((p) => [p.type, Number(p.value)]));
  const asUtc = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!);
  const offset = asUtc - Math.floor(productNow() / 1000) * 1000;
  return new Date(Date.UTC(parts.year!, parts.month! - 1, parts.day! + 1, 17) - offset);
}

const minutesUntil = (time: Date): number => Math.max(1, Math.round((time.getTime() - productNow()) / 60_000));
