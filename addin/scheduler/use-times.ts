import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError } from '../api.ts';
import { addDays, addMonths, dayOf, monthOf, type Day, type Month } from './dates.ts';
import { api, slotsIn, type Address, type Slot, type Times } from './page.ts';

export interface FreeTimes {
  /** What the page is about; undefined until the first answer. */
  readonly info: Times | undefined;
  /** The first free time of all; null where there is none. */
  readonly firstFree: Slot | null | undefined;
  readonly error: ApiError | undefined;
  /** Free times of a day in the visitor's zone; undefined while its month is being loaded. */
  readonly on: (day: Day) => readonly Slot[] | undefined;
  /** All free times of the months that were loaded. */
  readonly loaded: readonly Slot[];
  readonly load: (month: Month) => void;
  /** The first free time on or after that day; null where there is none. */
  readonly nextFree: (day: Day) => Promise<Slot | null>;
  /** Forgets what was loaded: somebody has booked. */
  readonly refresh: () => void;
}

const asError = (error: unknown): ApiError => (error instanceof ApiError ? error : new ApiError('internal', String(error)));

/** Free times by month, loaded when a month is looked at and kept while the page is open. */
export function useTimes(address: Address, zone: string): FreeTimes {
  const [info, setInfo] = useState<Times>();
  const [firstFree, setFirstFree] = useState<Slot | null>();
  const [months, setMonths] = useState<ReadonlyMap<Month, readonly Slot[]>>(new Map());
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  const asked = useRef(new Set<Month>());

  const query = useCallback((q: { fromDate?: string; intervalLength?: string; limit?: number }) =>
    api.call('GET /v1/book/{aurinkoClientId}/{name}/meeting', { params: { ...address }, query: q }), [address]);

  useEffect(() => {
    let current = true;
    query({ limit: 1 }).then((times) => {
      if (!current) return;
      setInfo(times);
      setFirstFree(slotsIn(times)[0] ?? null);
    }, (reason: unknown) => current && setError(asError(reason)));
    return () => {
      current = false;
    };
  }, [query, round]);

  const load = useCallback((month: Month) => {
    if (asked.current.has(month)) return;
    asked.current.add(month);
    // A day more on both sides: the host's dates and the visitor's may differ by one.
    query({ fromDate: addDays(`${month}-01`, -1), intervalLength: 'P33D' }).then((times) => {
      setMonths((before) => new Map(before).set(month, slotsIn(times)));
    }, (reason: unknown) => {
      asked.current.delete(month);
      setError(asError(reason));
    });
  }, [query]);

  const byDay = useMemo(() => {
    const days = new Map<Day, Slot[]>();
    for (const [month, slots] of months) {
      for (const slot of slots) {
        const day = dayOf(slot.start, zone);
        if (monthOf(day) === month) days.set(day, [...(days.get(day) ?? []), slot]);
      }
    }
    return days;
  }, [months, zone]);

  const loaded = useMemo(() => [...byDay.values()].flat(), [byDay]);
  const on = useCallback((day: Day) => (months.has(monthOf(day)) ? byDay.get(day) ?? [] : undefined), [months, byDay]);

  const nextFree = useCallback(async (day: Day) => {
    const times = await query({ fromDate: addDays(day, -1), limit: 100 });
    return slotsIn(times).find((slot) => dayOf(slot.start, zone) >= day) ?? null;
  }, [query, zone]);

  const refresh = useCallback(() => {
    asked.current.clear();
    setMonths(new Map());
    setError(undefined);
    setRound((n) => n + 1);
  }, []);

  return { info, firstFree, error, on, loaded, load, nextFree, refresh };
}

/** The months that can have free times: those that the page's period touches. */
export function monthsOf(info: Times, zone: string): { first: Month; last: Month } {
  const first = monthOf(dayOf(info.startTime ?? Date.now(), zone));
  const last = info.endTime ? monthOf(dayOf(info.endTime, zone)) : addMonths(first, 12);
  return { first, last: last < first ? first : last };
}
