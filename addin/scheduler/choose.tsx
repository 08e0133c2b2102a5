import { useEffect, useState, type ReactElement } from 'react';
import { clock, dayOf, longDay, monthName, monthOf, shortDay, weeksOf, type Day, type Month } from './dates.ts';
import { MonthGrid } from './month.tsx';
import { showInAddress, type Slot } from './page.ts';
import { Skeleton, type Reading } from './parts.tsx';
import { monthsOf, type FreeTimes } from './use-times.ts';

interface ChooseProps {
  readonly times: FreeTimes;
  readonly reading: Reading;
  readonly day: Day;
  readonly onDay: (day: Day) => void;
  readonly onSlot: (slot: Slot) => void;
  /** The start that was chosen before, which gets the focus back. */
  readonly returnTo?: string | undefined;
}

/** Month and times of a day; choosing a time leads on. */
export function Choose({ times, reading, day, onDay, onSlot, returnTo }: ChooseProps): ReactElement {
  const { zone, twelve } = reading;
  const month = monthOf(day);
  const { load } = times;
  useEffect(() => load(month), [load, month]);
  const [now] = useState(() => new Date().toISOString());
  const { first, last } = monthsOf(times.info!, zone);
  const slots = times.on(day);
  const freeDay = weeksOf(month).flat().find((d) => d !== null && times.on(d)?.length);
  // A month that was turned to opens on its first free day, as soon as that is known.
  const [turned, setTurned] = useState<Month>();
  useEffect(() => {
    if (turned === month && freeDay && freeDay > day) onDay(freeDay);
  }, [turned, month, freeDay, day, onDay]);

  const select = (next: Day): void => {
    setTurned(undefined);
    onDay(next);
    showInAddress({ date: next, zone });
  };
  const turn = (next: Month): void => {
    setTurned(next);
    onDay(`${next}-01`);
  };

  return (
    <>
      <div className="panel">
        <MonthGrid month={month} selected={slots?.length ? day : undefined} focused={day} today={dayOf(now, zone)} first={first} last={last} count={(d) => times.on(d)?.length} onSelect={select} onFocus={(d) => { setTurned(undefined); onDay(d); }} onMonth={turn} />
      </div>
      <div className="side stack">
        {slots === undefined ? <Skeleton /> : slots.length > 0 ? (
          <>
            <h2 aria-live="polite">{longDay(day)}<span className="visually-hidden">, {slots.length} times</span></h2>
            <ul className="slots">
              {slots.map((slot) => (
                <li key={slot.start}><button type="button" autoFocus={slot.start === returnTo} onClick={() => onSlot(slot)}>{clock(slot.start, zone, twelve)}</button></li>
              ))}
            </ul>
          </>
        ) : <NothingFree times={times} day={freeDay ? day : `${month}-01`} heading={freeDay ? longDay(day) : monthName(month)} zone={zone} onSelect={select} />}
      </div>
    </>
  );
}

function NothingFree({ times, day, heading, zone, onSelect }: { readonly times: FreeTimes; readonly day: Day; readonly heading: string; readonly zone: string; readonly onSelect: (day: Day) => void }): ReactElement {
  const [found, setFound] = useState<{ for: Day; next: Slot | null } | undefined>();
  const { nextFree } = times;
  useEffect(() => {
    let current = true;
    const done = (next: Slot | null) => current && setFound({ for: day, next });
    nextFree(day).then(done, () => done(null));
    return () => {
      current = false;
    };
  }, [nextFree, day]);
  const next = found?.for === day ? found.next : undefined;
  // After the last free day the way leads back to the first one.
  const offer = next === null ? times.firstFree : next;
  return (
    <>
      <h2 aria-live="polite">{heading}</h2>
      <p className="quiet">No free times.</p>
      {offer && <div><button type="button" onClick={() => onSelect(dayOf(offer.start, zone))}>{next === null ? 'First' : 'Next'} free: {shortDay(dayOf(offer.start, zone))}</button></div>}
    </>
  );
}
