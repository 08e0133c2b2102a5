import { Button, Checkbox, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactElement } from 'react';
import type { Output } from '../../api.ts';
import { Actions, Detail, Row, Stack } from '../../ui/layout.tsx';
import { Loading, Note, ProblemNote, Slow } from '../../ui/states.tsx';
import { problemOf, usePane } from '../pane.ts';

type Week = Output<'GET /v1/book/account/workHours'>;
type DayName = NonNullable<NonNullable<Week['daySchedules']>[number]['dayOfWeek']>;
const DAYS: readonly DayName[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

const dayLabel = (name: DayName): string => name.charAt(0).toUpperCase() + name.slice(1);

const useStyles = makeStyles({
  wrong: { margin: 0, color: tokens.colorPaletteRedForeground1 },
  time: {
    font: 'inherit', padding: '3px 6px', color: tokens.colorNeutralForeground1, backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`, borderRadius: tokens.borderRadiusMedium,
  },
});

interface Day {
  readonly on: boolean;
  /** "09:00". */
  readonly start: string;
  readonly end: string;
}

/** Working hours and zone: follow-ups are sent in them, booking pages offer them. */
export function Hours({ onBack }: { readonly onBack: () => void }): ReactElement {
  const { api } = usePane();
  const hours = useQuery({ queryKey: ['hours'], queryFn: () => api.call('GET /v1/book/account/workHours') });
  return (
    <Detail title="Hours and zone" onBack={onBack}>
      {hours.error ? <ProblemNote problem={problemOf(hours.error, () => void hours.refetch())} /> : !hours.data ? <Loading what="your hours" /> : <HoursForm week={hours.data} />}
    </Detail>
  );
}

function HoursForm({ week }: { readonly week: Week }): ReactElement {
  const { api, account } = usePane();
  const client = useQueryClient();
  const styles = useStyles();
  const zones = useId();
  const wrongId = useId();
  const [zone, setZone] = useState(week.timezone ?? account.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [days, setDays] = useState(() => readDays(week));
  const zoneOk = isZone(zone);
  const wrong = DAYS.find((name) => days[name].on && days[name].start >= days[name].end);
  const save = useMutation({
    mutationFn: async () => {
      await api.call('PATCH /v1/user/settings', { body: { workHours: { timezone: zone, daySchedules: DAYS.map((dayOfWeek) => ({ dayOfWeek, workingIntervals: days[dayOfWeek].on ? [{ start: `${days[dayOfWeek].start}:00`, end: `${days[dayOfWeek].end}:00` }] : [] })) } } });
      await api.call('PUT /v1/followup/config', { body: { timezone: zone } });
      await Promise.all(['hours', 'zone'].map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
  const change = (name: DayName, part: Partial<Day>) => setDays({ ...days, [name]: { ...days[name], ...part } });
  return (
    <Stack>
      <Field label="Time zone" validationState={zoneOk ? 'none' : 'error'} validationMessage={zoneOk ? undefined : 'Choose a zone, as Europe/Berlin.'}>
        <Input value={zone} list={zones} onChange={(_, { value }) => setZone(value)} />
      </Field>
      <datalist id={zones}>{Intl.supportedValuesOf('timeZone').map((name) => <option key={name} value={name} />)}</datalist>
      <Stack tight>
        {DAYS.map((name) => (
          <div key={name}>
            <Checkbox label={dayLabel(name)} checked={days[name].on} onChange={(_, { checked }) => change(name, { on: checked === true })} />
            {days[name].on && (
              <div style={{ paddingLeft: 36 }}><Row>
                <input className={styles.time} type="time" aria-label={`${dayLabel(name)} from`} value={days[name].start} onChange={(e) => change(name, { start: e.target.value })} />
                <span>to</span>
                <input className={styles.time} type="time" aria-label={`${dayLabel(name)} to`} aria-invalid={wrong === name} aria-describedby={wrong === name ? wrongId : undefined} value={days[name].end} onChange={(e) => change(name, { end: e.target.value })} />
              </Row></div>
            )}
          </div>
        ))}
      </Stack>
      {wrong && <p id={wrongId} className={styles.wrong}>{dayLabel(wrong)}: the end is not after the start.</p>}
      <Actions outcome={save.isPending ? <Slow doing="saving" /> : save.error ? <ProblemNote problem={problemOf(save.error, () => save.mutate())} /> : save.isSuccess && <Note>Saved.</Note>}><Button appearance="primary" disabled={!zoneOk || wrong !== undefined} disabledFocusable={save.isPending} onClick={() => save.mutate()}>{save.isPending ? 'Saving…' : 'Save'}</Button></Actions>
    </Stack>
  );
}

function readDays(week: Week): Record<DayName, Day> {
  return Object.fromEntries(DAYS.map((name) => {
    const [interval] = week.daySchedules?.find((d) => d.dayOfWeek === name)?.workingIntervals ?? [];
    return [name, { on: interval !== undefined, start: interval?.start?.slice(0, 5) ?? '09:00', end: interval?.end?.slice(0, 5) ?? '17:00' }];
  })) as Record<DayName, Day>;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
