import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { useWaited } from '../ui/useWaited.ts';
import { cityOf, clock, dayAndTime, sameClock, zonesByRegion } from './dates.ts';

/** How the visitor reads times. */
export interface Reading {
  readonly zone: string;
  readonly twelve: boolean;
}

export interface Facts {
  readonly title: string;
  readonly hostName: string;
  readonly durationMinutes: number;
  readonly location?: string | undefined;
}

export function Details({ facts, headingLevel = 1, children }: { readonly facts: Facts; readonly headingLevel?: 1 | 2; readonly children?: ReactNode }): ReactElement {
  const Heading = headingLevel === 1 ? 'h1' : 'h2';
  return (
    <div className="details">
      <div>
        <p className="quiet">{facts.hostName}</p>
        <Heading>{facts.title}</Heading>
      </div>
      <div className="facts">
        <div><Icon path="M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM10 6v4.5l3 1.5" />{minutesText(facts.durationMinutes)}</div>
        {facts.location && <div><Icon path="M10 17.5s5.5-4.6 5.5-9a5.5 5.5 0 0 0-11 0c0 4.4 5.5 9 5.5 9ZM10 10.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z" />{facts.location}</div>}
      </div>
      {children}
    </div>
  );
}

const minutesText = (minutes: number): string => {
  const hours = Math.floor(minutes / 60);
  return [hours && `${hours} h`, minutes % 60 && `${minutes % 60} min`].filter(Boolean).join(' ');
};

export function ReadingControls({ reading, hostZone, onZone, onTwelve }: { readonly reading: Reading; readonly hostZone: string; readonly onZone: (zone: string) => void; readonly onTwelve: (twelve: boolean) => void }): ReactElement {
  const [regions] = useState(() => zonesByRegion(reading.zone, hostZone));
  return (
    <div className="row between">
      <span className="row">
        <label htmlFor="zone">Times in</label>
        <select id="zone" value={reading.zone} onChange={(event) => onZone(event.target.value)}>
          {regions.map(([region, zones]) => (
            <optgroup key={region} label={region}>{zones.map((zone) => <option key={zone} value={zone}>{cityOf(zone)}</option>)}</optgroup>
          ))}
        </select>
      </span>
      <fieldset className="toggle">
        <legend className="visually-hidden">Clock</legend>
        {[true, false].map((twelve) => (
          <label key={String(twelve)}><input type="radio" name="clock" checked={reading.twelve === twelve} onChange={() => onTwelve(twelve)} />{twelve ? '12 h' : '24 h'}</label>
        ))}
      </fieldset>
    </div>
  );
}

/** When, in the visitor's zone, and in the host's where that reads differently. */
export function When({ start, end, reading, hostZone, hostName }: { readonly start: string; readonly end: string; readonly reading: Reading; readonly hostZone: string; readonly hostName: string }): ReactElement {
  const { zone, twelve } = reading;
  return (
    <div>
      <p className="when"><time dateTime={start}>{dayAndTime(start, zone, twelve)}–{clock(end, zone, twelve)}</time></p>
      <p className="quiet">{cityOf(zone)} time</p>
      {!sameClock(start, zone, hostZone) && <p className="quiet">{dayAndTime(start, hostZone, twelve)}–{clock(end, hostZone, twelve)} in {cityOf(hostZone)}, for {hostName}</p>}
    </div>
  );
}

/** A heading that takes the focus when its view appears, so that the keyboard and a screen reader follow. */
export function ViewHeading({ children }: { readonly children: ReactNode }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return <h2 ref={heading} tabIndex={-1}>{children}</h2>;
}

export const Message = ({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactElement => (
  <div className="card message"><h1>{title}</h1>{children}</div>
);

/** `unsure`: what to do where nobody knows whether it was done. */
export function Failure({ error, what, unsure, onRetry }: { readonly error: unknown; readonly what: string; readonly unsure?: string | undefined; readonly onRetry: () => void }): ReactElement {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div className="note bad" role="alert">
      <p>{failureText(known, what, unsure)}</p>
      {known?.requestId && <p className="small quiet">Request {known.requestId}</p>}
      <div><button type="button" onClick={onRetry}>Try again</button></div>
    </div>
  );
}

function failureText(error: ApiError | undefined, what: string, unsure = 'Look for an invitation in your mail before you try again.'): string {
  if (error?.code === 'offline') return `You seem to be offline. ${what}`;
  if (error?.code === 'unknown') return `The connection broke before the server answered. ${unsure}`;
  if (error && error.status >= 400 && error.status < 500) return error.message;
  return `Something failed on the server. ${what}`;
}

/** Beside a button that says what it does meanwhile: after eight seconds, that it is the server that is slow. */
export function Slow({ doing }: { readonly doing: string }): ReactElement | null {
  return useWaited(8000) ? <p className="quiet" role="status">Still {doing}. The server is slow to answer.</p> : null;
}

/** Nothing for the first second: most answers come before, and a flash of grey boxes is worse than a short wait. After eight it says what it waits for. */
export function Skeleton({ what = 'the free times' }: { readonly what?: string }): ReactElement | null {
  const late = useWaited(1000);
  const long = useWaited(8000);
  if (!late) return null;
  return (
    <div className="stack" role="status" aria-label={`Loading ${what}`}>
      {[32, 220, 44].map((height) => <div key={height} className="skeleton" style={{ height }} />)}
      {long && <p className="quiet">Still waiting for {what}. The server is slow to answer.</p>}
    </div>
  );
}

const Icon = ({ path }: { readonly path: string }): ReactElement => (
  <svg width="18" height="18" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true"><path d={path} /></svg>
);
