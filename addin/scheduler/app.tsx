import { useEffect, useState, type ReactElement } from 'react';
import { ApiError } from '../api.ts';
import { Choose } from './choose.tsx';
import { dayAndTime, dayOf, type Day } from './dates.ts';
import { BookingForm, type Booked, type Typed } from './form.tsx';
import { Meeting, Move } from './meeting.tsx';
import { api, keepTwelve, nearest, prefersTwelve, showInAddress, type Address, type Reservation, type Slot, type Times, type Wishes } from './page.ts';
import { Details, Failure, Message, ReadingControls, Skeleton, type Facts, type Reading } from './parts.tsx';
import { useTimes } from './use-times.ts';

/** The public booking page: choose a time, say who you are, and later change or cancel what was booked. */
export function App({ address, wishes }: { readonly address: Address; readonly wishes: Wishes }): ReactElement {
  const [reading, setReading] = useState<Reading>(() => ({ zone: wishes.zone, twelve: prefersTwelve() }));
  const [token, setToken] = useState(wishes.reservation);
  const controls = (hostZone: string): ReactElement => (
    <ReadingControls
      reading={reading} hostZone={hostZone}
      onZone={(zone) => { setReading({ ...reading, zone }); showInAddress({ zone }); }}
      onTwelve={(twelve) => { setReading({ ...reading, twelve }); keepTwelve(twelve); }}
    />
  );
  const shared = { address, reading, controls };
  const again = (): void => {
    showInAddress({ reservation: null });
    setToken(undefined);
  };
  return (
    <main>
      {token ? <Change {...shared} token={token} onBookAgain={again} /> : <Book {...shared} wishes={wishes} />}
      <footer>Scheduling by Sundial</footer>
    </main>
  );
}

interface Shared {
  readonly address: Address;
  readonly reading: Reading;
  readonly controls: (hostZone: string) => ReactElement;
}

function Book({ address, reading, controls, wishes }: Shared & { readonly wishes: Wishes }): ReactElement {
  const times = useTimes(address, reading.zone);
  const { info, firstFree } = times;
  const [day, setDay] = useState<Day | undefined>(wishes.date ?? (wishes.start && dayOf(wishes.start, wishes.zone)));
  const [slot, setSlot] = useState<Slot>();
  const [back, setBack] = useState<string>();
  const [typed, setTyped] = useState<Typed>({ name: wishes.name, email: wishes.email });
  const [booked, setBooked] = useState<Booked>();
  const [linked, setLinked] = useState<'open' | 'used' | 'gone'>(wishes.start ? 'open' : 'used');

  // The browser's Back leads from the form to the times, as the page's own does.
  const { refresh } = times;
  useEffect(() => {
    const popped = (): void => {
      setSlot((left) => {
        if (left) setBack(left.start);
        return undefined;
      });
      refresh();
    };
    window.addEventListener('popstate', popped);
    return () => window.removeEventListener('popstate', popped);
  }, [refresh]);
  const choose = (next: Slot): void => {
    window.history.pushState({ form: true }, '');
    setDay(dayOf(next.start, reading.zone));
    setSlot(next);
  };
  const leave = (from: Slot): void => {
    if ((window.history.state as { form?: boolean } | null)?.form) return window.history.back();
    setBack(from.start);
    setDay(dayOf(from.start, reading.zone));
    setSlot(undefined);
    refresh();
  };

  useTitle(info?.title);
  const wanted = linked === 'open' ? wishes.start : undefined;
  const wantedDay = wanted && dayOf(wanted, reading.zone);
  const ofWantedDay = wantedDay ? times.on(wantedDay) : undefined;
  const { load } = times;
  useEffect(() => {
    if (wantedDay) load(wantedDay.slice(0, 7));
  }, [load, wantedDay]);
  // A link to a time opens the filled form once it is known to be free, or held for whoever has the link.
  if (wanted && info && (ofWantedDay || wishes.hold)) {
    const end = new Date(Date.parse(wanted) + (info.durationMinutes ?? 30) * 60_000).toISOString();
    const free = wishes.hold ? { start: wanted, end } : ofWantedDay?.find((s) => s.start === wanted);
    setLinked(free ? 'used' : 'gone');
    if (free) setSlot(free);
  }

  if (times.error && !info) return <Unavailable error={times.error} onRetry={times.refresh} />;
  if (!info) return <div className="card"><div className="panel"><h1 className="visually-hidden">Free times</h1><Skeleton /></div></div>;
  if (info.active === false) return <Message title={info.title ?? 'Booking'}><p>This page isn’t taking bookings.</p></Message>;

  const facts = factsOf(info);
  if (booked) return <Done booked={booked} info={info} address={address} reading={reading} controls={controls} onBookAgain={() => { setBooked(undefined); setSlot(undefined); showInAddress({ reservation: null }); times.refresh(); }} />;
  if (slot) {
    return (
      <div className="card form">
        <Details facts={facts} />
        <BookingForm
          address={address} info={info} slot={slot} hold={wishes.start === slot.start ? wishes.hold : undefined} reading={reading} typed={typed} onTyped={setTyped} onSlot={setSlot}
          onBack={() => leave(slot)}
          onBooked={(made) => { setBooked(made); if (made.token) showInAddress({ reservation: made.token }); }}
        />
      </div>
    );
  }
  if (firstFree === null && !day) return <div className="card form"><Details facts={facts} /><div className="panel stack"><h2>No free times</h2><p className="quiet">{info.hostName} has no free time at the moment. Look again later.</p></div></div>;
  const shown = day ?? (firstFree ? dayOf(firstFree.start, reading.zone) : undefined);
  return (
    <>
      {linked === 'gone' && wishes.start && !back && <GoneNote start={wishes.start} free={times.loaded} reading={reading} onSlot={choose} />}
      {times.error && <div className="above"><Failure error={times.error} what="The times couldn’t be loaded." onRetry={times.refresh} /></div>}
      <div className="card choose">
        <Details facts={facts}>{controls(info.timezone ?? reading.zone)}</Details>
        {shown ? <Choose times={times} reading={reading} day={shown} onDay={setDay} onSlot={choose} returnTo={back} /> : <div className="panel"><Skeleton /></div>}
      </div>
    </>
  );
}

function GoneNote({ start, free, reading: { zone, twelve }, onSlot }: { readonly start: string; readonly free: readonly Slot[]; readonly reading: Reading; readonly onSlot: (slot: Slot) => void }): ReactElement {
  const near = nearest(free, start);
  return (
    <div className="above">
      <div className="note bad" role="alert">
        <p>{dayAndTime(start, zone, twelve)} has gone. {near.length ? 'Nearest:' : 'Choose another time.'}</p>
        {near.length > 0 && <div className="row">{near.map((slot) => <button key={slot.start} type="button" onClick={() => onSlot(slot)}>{dayAndTime(slot.start, zone, twelve)}</button>)}</div>}
      </div>
    </div>
  );
}

/** Right after booking: what the server will show from now on, and where the invitation went. */
function Done({ booked, info, address, reading, controls, onBookAgain }: Shared & { readonly booked: Booked; readonly info: Times; readonly onBookAgain: () => void }): ReactElement {
  const [changing, setChanging] = useState<'move' | 'cancelled'>();
  const meeting: Reservation = {
    status: 'confirmed', changeable: true, ...booked.slot, title: info.title ?? '', hostName: info.hostName ?? '', timezone: info.timezone ?? 'UTC',
    durationMinutes: info.durationMinutes ?? 0, clientId: address.aurinkoClientId, profileName: address.name, ...(info.location ? { location: info.location } : {}),
  };
  if (changing === 'move') return <Reschedule meeting={meeting} token={booked.token} address={address} reading={reading} controls={controls} onBookAgain={onBookAgain} onBack={() => setChanging(undefined)} />;
  if (changing === 'cancelled') return <Cancelled onBookAgain={onBookAgain} />;
  return (
    <div className="card form">
      <Details facts={factsOf(info)} />
      <Meeting meeting={meeting} token={booked.token} reading={reading} heading="You’re booked" done onReschedule={() => setChanging('move')} onCancelled={() => setChanging('cancelled')}>
        <p>An invitation is on its way to {booked.email}.</p>
      </Meeting>
    </div>
  );
}

/** What the link in an invitation opens. */
function Change({ token, onBookAgain, ...shared }: Shared & { readonly token: string; readonly onBookAgain: () => void }): ReactElement {
  const [meeting, setMeeting] = useState<Reservation>();
  const [error, setError] = useState<unknown>();
  const [round, setRound] = useState(0);
  const [moving, setMoving] = useState(false);
  useTitle(meeting?.title);
  useEffect(() => {
    let current = true;
    api.call('GET /v1/book/reservations/{token}', { params: { token } }).then((found) => current && setMeeting(found), (reason: unknown) => current && setError(reason));
    return () => {
      current = false;
    };
  }, [token, round]);

  if (error instanceof ApiError && error.status === 404) {
    return <Message title="This link isn’t valid any more"><p>The meeting was not found.</p><button type="button" onClick={onBookAgain}>Book a time</button></Message>;
  }
  if (error !== undefined) return <Message title="Your meeting"><Failure error={error} what="The meeting couldn’t be loaded." onRetry={() => { setError(undefined); setRound(round + 1); }} /></Message>;
  if (!meeting) return <div className="card"><div className="panel"><h1 className="visually-hidden">Your meeting</h1><Skeleton what="your meeting" /></div></div>;
  if (meeting.status === 'cancelled') return <Cancelled onBookAgain={onBookAgain} />;
  if (moving) return <Reschedule {...shared} meeting={meeting} token={token} onBookAgain={onBookAgain} onBack={() => setMoving(false)} />;
  return (
    <div className="card form">
      <Details facts={meeting}>{shared.controls(meeting.timezone)}</Details>
      <Meeting meeting={meeting} token={token} reading={shared.reading} heading="Your meeting" onReschedule={() => setMoving(true)} onCancelled={() => setMeeting({ ...meeting, status: 'cancelled' })} />
    </div>
  );
}

function Reschedule({ meeting: before, token, address, reading, controls, onBookAgain, onBack }: Shared & { readonly meeting: Reservation; readonly token: string; readonly onBookAgain: () => void; readonly onBack: () => void }): ReactElement {
  const times = useTimes(address, reading.zone);
  const [meeting, setMeeting] = useState(before);
  const [day, setDay] = useState<Day>(() => dayOf(before.start, reading.zone));
  const [slot, setSlot] = useState<Slot>();
  const [state, setState] = useState<'choosing' | 'moved' | 'cancelled'>('choosing');

  if (state === 'cancelled') return <Cancelled onBookAgain={onBookAgain} />;
  // What was moved before is the meeting now, which only this view knows.
  const back = <button type="button" className="plain" onClick={() => (meeting === before ? onBack() : setState('moved'))}>‹ Back to your meeting</button>;
  if (state === 'moved') {
    return (
      <div className="card form">
        <Details facts={meeting} />
        <Meeting meeting={meeting} token={token} reading={reading} heading="Moved" done onReschedule={() => { times.refresh(); setSlot(undefined); setState('choosing'); }} onCancelled={() => setState('cancelled')}>
          <p>A new invitation is on its way.</p>
        </Meeting>
      </div>
    );
  }
  if (slot) {
    return (
      <div className="card form">
        <Details facts={meeting} />
        <Move meeting={meeting} token={token} slot={slot} reading={reading} onSlot={setSlot} onBack={() => { setSlot(undefined); times.refresh(); }} onMoved={(moved) => { setMeeting(moved); setState('moved'); }} />
      </div>
    );
  }
  return (
    <div className="card choose">
      <Details facts={meeting}>
        <div>{back}</div>
        <p>Now: {dayAndTime(meeting.start, reading.zone, reading.twelve)}. Choose a new time.</p>
        {controls(meeting.timezone)}
      </Details>
      {times.error ? <div className="panel"><Failure error={times.error} what="The times couldn’t be loaded." onRetry={times.refresh} /></div>
        : times.info ? <Choose times={times} reading={reading} day={day} onDay={setDay} onSlot={setSlot} /> : <div className="panel"><Skeleton /></div>}
    </div>
  );
}

const Cancelled = ({ onBookAgain }: { readonly onBookAgain: () => void }): ReactElement => (
  <Message title="The meeting is cancelled"><p>Host and guest have been told.</p><button type="button" onClick={onBookAgain}>Book another time</button></Message>
);

function Unavailable({ error, onRetry }: { readonly error: ApiError; readonly onRetry: () => void }): ReactElement {
  if (error.status === 404) return <Message title="There is no booking page here"><p>Check the link, or ask the person who sent it.</p></Message>;
  return <Message title="The times couldn’t be loaded"><Failure error={error} what="Please try again." onRetry={onRetry} /></Message>;
}

const factsOf = (info: Times): Facts => ({ title: info.title ?? 'Meeting', hostName: info.hostName ?? '', durationMinutes: info.durationMinutes ?? 0, location: info.location });

function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
}
