import { useRef, useState, type FormEvent, type ReactElement } from 'react';
import { ApiError } from '../api.ts';
import { clock, dayAndTime, shortDay, dayOf } from './dates.ts';
import { api, fieldLabel, nearest, slotsIn, type Address, type Slot, type Times } from './page.ts';
import { Failure, Slow, ViewHeading, When, type Reading } from './parts.tsx';

/** What the visitor typed; kept by the page while he looks at other times. */
export type Typed = Readonly<Record<string, string>>;

export interface Booked {
  readonly slot: Slot;
  readonly token: string;
  readonly email: string;
}

interface FormProps {
  readonly address: Address;
  readonly info: Times;
  readonly slot: Slot;
  readonly hold: string | undefined;
  readonly reading: Reading;
  readonly typed: Typed;
  readonly onTyped: (typed: Typed) => void;
  readonly onSlot: (slot: Slot) => void;
  readonly onBack: () => void;
  readonly onBooked: (booked: Booked) => void;
}

interface Field {
  readonly name: string;
  readonly label: string;
  readonly required: boolean;
  readonly type: 'text' | 'email';
  readonly autoComplete: string;
}

export function BookingForm({ address, info, slot, hold, reading, typed, onTyped, onSlot, onBack, onBooked }: FormProps): ReactElement {
  const [problems, setProblems] = useState<Typed>({});
  const [taken, setTaken] = useState<{ start: string; nearest: Slot[] }>();
  const [failure, setFailure] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const fields = fieldsOf(info);
  const { zone, twelve } = reading;

  const refuse = (found: Typed): void => {
    setProblems(found);
    const first = fields.find((field) => found[field.name]);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name="${CSS.escape(first.name)}"]`)?.focus();
  };

  const send = async (): Promise<void> => {
    const wrong = problemsOf(fields, typed);
    if (Object.keys(wrong).length) return refuse(wrong);
    setProblems({});
    setFailure(undefined);
    setSending(true);
    try {
      const { name = '', email = '', ...substitutionData } = trimmed(typed);
      const answer = await api.call('POST /v1/book/{aurinkoClientId}/{name}/meeting', {
        params: { ...address },
        query: {},
        body: { time: slot, name, email, substitutionData, ...(hold ? { reservationToken: hold } : {}) },
      });
      onBooked({ slot, token: answer.rescheduleToken ?? '', email });
    } catch (error) {
      setSending(false);
      if (error instanceof ApiError && error.code === 'slot.taken') setTaken({ start: slot.start, nearest: nearestOf(error, slot) });
      else if (error instanceof ApiError && error.field && fields.some((field) => field.name === error.field)) refuse({ [error.field]: 'Please check this.' });
      else setFailure(error);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!sending) void send();
  };

  return (
    <form ref={form} className="panel stack" noValidate onSubmit={submit}>
      <div><button type="button" className="plain" onClick={onBack}>‹ Back to the times</button></div>
      <ViewHeading>Your details</ViewHeading>
      <When start={slot.start} end={slot.end} reading={reading} hostZone={info.timezone ?? zone} hostName={info.hostName ?? ''} />
      {taken && taken.start === slot.start && <Taken taken={taken} slot={slot} reading={reading} onSlot={onSlot} onBack={onBack} />}
      {fields.map((field) => (
        <div key={field.name} className="field">
          <label htmlFor={`field-${field.name}`}>{field.label}{field.required ? '' : ' (optional)'}</label>
          <input
            id={`field-${field.name}`} name={field.name} type={field.type} autoComplete={field.autoComplete} maxLength={field.type === 'email' ? 254 : 500}
            required={field.required} aria-invalid={Boolean(problems[field.name])} aria-describedby={problems[field.name] ? `problem-${field.name}` : undefined}
            value={typed[field.name] ?? ''} onChange={(event) => { onTyped({ ...typed, [field.name]: event.target.value }); setProblems({ ...problems, [field.name]: '' }); }}
          />
          {problems[field.name] && <p className="problem" id={`problem-${field.name}`}>{problems[field.name]}</p>}
        </div>
      ))}
      {failure !== undefined && <Failure error={failure} what="Nothing was booked." onRetry={() => void send()} />}
      {sending && <Slow doing="booking" />}
      <div className="sticky"><button className="primary" disabled={sending}>{sending ? 'Booking…' : `Book ${dayAndTime(slot.start, zone, twelve)}`}</button></div>
    </form>
  );
}

function Taken({ taken, slot, reading: { zone, twelve }, onSlot, onBack }: { readonly taken: { nearest: Slot[] }; readonly slot: Slot; readonly reading: Reading; readonly onSlot: (slot: Slot) => void; readonly onBack: () => void }): ReactElement {
  const day = dayOf(slot.start, zone);
  const text = (other: Slot): string => (dayOf(other.start, zone) === day ? clock(other.start, zone, twelve) : dayAndTime(other.start, zone, twelve));
  return (
    <div className="note bad" role="alert">
      <p>{clock(slot.start, zone, twelve)} on {shortDay(day)} was just taken. {taken.nearest.length ? 'Nearest:' : 'Nothing near it is free.'}</p>
      <div className="row">
        {taken.nearest.map((other) => <button key={other.start} type="button" onClick={() => onSlot(other)}>{text(other)}</button>)}
        <button type="button" className="plain" onClick={onBack}>All times</button>
      </div>
    </div>
  );
}

export const nearestOf = (error: ApiError, slot: Slot): Slot[] => nearest(slotsIn(error.details as { items?: Slot[] }), slot.start);

/** A field that stands in the meeting's title is needed; one that only its text uses may stay empty. */
function fieldsOf(info: Times): Field[] {
  const inTitle = (name: string): boolean => new RegExp(`\\{\\{\\s*${name.replace(/[.]/g, '\\.')}\\s*\\}\\}`).test(info.subject ?? '');
  return [
    { name: 'name', label: 'Name', required: true, type: 'text', autoComplete: 'name' },
    { name: 'email', label: 'Email', required: true, type: 'email', autoComplete: 'email' },
    ...(info.additionalFields ?? []).flatMap(({ name }): Field[] => (name ? [{ name, label: fieldLabel(name), required: inTitle(name), type: 'text', autoComplete: autoCompleteOf(name) }] : [])),
  ];
}

const autoCompleteOf = (name: string): string => (/^(company|organi[sz]ation)/i.test(name) ? 'organization' : /phone|mobile/i.test(name) ? 'tel' : 'off');

const trimmed = (typed: Typed): Record<string, string> => Object.fromEntries(Object.entries(typed).map(([name, value]) => [name, value.trim()]));

function problemsOf(fields: readonly Field[], typed: Typed): Typed {
  const found: Record<string, string> = {};
  for (const { name, label, required, type } of fields) {
    const value = (typed[name] ?? '').trim();
    if (required && !value) found[name] = type === 'email' ? 'Enter your email: the invitation goes there.' : `Enter ${name === 'name' ? 'your name' : label.toLowerCase()}.`;
    else if (type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value)) found[name] = 'Enter an email address such as name@example.com.';
  }
  return found;
}
