import { useState, type ReactElement, type ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { dayAndTime } from './dates.ts';
import { nearestOf } from './form.tsx';
import { api, type Reservation, type Slot } from './page.ts';
import { Failure, Slow, ViewHeading, When, type Reading } from './parts.tsx';

interface MeetingProps {
  readonly meeting: Pick<Reservation, 'changeable' | 'start' | 'end' | 'timezone' | 'hostName'>;
  readonly token: string;
  readonly reading: Reading;
  readonly heading: string;
  /** It has just been done: says so with a tick. */
  readonly done?: boolean;
  readonly children?: ReactNode;
  readonly onReschedule: () => void;
  readonly onCancelled: () => void;
}

/** A booked meeting and what the visitor can do with it. */
export function Meeting({ meeting, token, reading, heading, done = false, children, onReschedule, onCancelled }: MeetingProps): ReactElement {
  const [asking, setAsking] = useState(false);
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<unknown>();

  const cancel = async (): Promise<void> => {
    setWorking(true);
    setFailure(undefined);
    try {
      await api.call('POST /v1/book/reservations/{token}/cancel', { params: { token } });
      onCancelled();
    } catch (error) {
      setFailure(error);
      setWorking(false);
    }
  };

  const keep = (): void => {
    setAsking(false);
    // Its Try again would cancel, unasked.
    setFailure(undefined);
  };

  return (
    <div className="panel stack">
      <ViewHeading>{done ? <span className="good"><Tick />{heading}</span> : heading}</ViewHeading>
      <When start={meeting.start} end={meeting.end} reading={reading} hostZone={meeting.timezone} hostName={meeting.hostName} />
      {children}
      {asking ? (
        <div className="note">
          <p>Cancel this meeting? {meeting.hostName} will be told.</p>
          <div className="row">
            <button type="button" className="danger" disabled={working} onClick={() => void cancel()}>{working ? 'Cancelling…' : 'Cancel the meeting'}</button>
            <button type="button" autoFocus disabled={working} onClick={keep}>Keep it</button>
          </div>
          {working && <Slow doing="cancelling" />}
        </div>
      ) : (
        <div className="row">
          <a className="button" href={`/v1/book/reservations/${encodeURIComponent(token)}/calendar.ics`} download="meeting.ics">Add to calendar</a>
          {meeting.changeable && <button type="button" onClick={onReschedule}>Reschedule</button>}
          {meeting.changeable && <button type="button" onClick={() => setAsking(true)}>Cancel</button>}
        </div>
      )}
      {failure !== undefined && <Failure error={failure} what="The meeting stands." unsure="Trying again does nothing twice." onRetry={() => void cancel()} />}
    </div>
  );
}

const Tick = (): ReactElement => (
  <svg width="22" height="22" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.75" aria-hidden="true"><path d="M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15Zm-3.5 7.8 2.4 2.4 4.6-5" /></svg>
);

interface MoveProps {
  readonly meeting: Reservation;
  readonly token: string;
  readonly slot: Slot;
  readonly reading: Reading;
  readonly onBack: () => void;
  readonly onSlot: (slot: Slot) => void;
  readonly onMoved: (meeting: Reservation) => void;
}

/** The last look before a meeting is moved. */
export function Move({ meeting, token, slot, reading, onBack, onSlot, onMoved }: MoveProps): ReactElement {
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const { zone, twelve } = reading;
  const taken = failure instanceof ApiError && failure.code === 'slot.taken' ? nearestOf(failure, slot) : undefined;

  const move = async (): Promise<void> => {
    setWorking(true);
    setFailure(undefined);
    try {
      onMoved(await api.call('POST /v1/book/reservations/{token}/reschedule', { params: { token }, body: { time: slot } }));
    } catch (error) {
      setFailure(error);
      setWorking(false);
    }
  };

  return (
    <div className="panel stack">
      <div><button type="button" className="plain" onClick={onBack}>‹ Back to the times</button></div>
      <ViewHeading>New time</ViewHeading>
      <p className="quiet"><s>{dayAndTime(meeting.start, zone, twelve)}</s></p>
      <When start={slot.start} end={slot.end} reading={reading} hostZone={meeting.timezone} hostName={meeting.hostName} />
      {taken ? (
        <div className="note bad" role="alert">
          <p>{dayAndTime(slot.start, zone, twelve)} was just taken. {taken.length ? 'Nearest:' : 'Nothing near it is free.'}</p>
          <div className="row">{taken.map((other) => <button key={other.start} type="button" onClick={() => { setFailure(undefined); onSlot(other); }}>{dayAndTime(other.start, zone, twelve)}</button>)}</div>
        </div>
      ) : failure !== undefined && <Failure error={failure} what="The meeting stands as it was." unsure="Trying again does nothing twice." onRetry={() => void move()} />}
      {working && <Slow doing="moving it" />}
      <div className="sticky"><button type="button" className="primary" disabled={working} onClick={() => void move()}>{working ? 'Moving…' : `Move to ${dayAndTime(slot.start, zone, twelve)}`}</button></div>
    </div>
  );
}
