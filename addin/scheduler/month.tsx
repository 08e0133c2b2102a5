import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react';
import { addDays, addMonths, longDay, monthName, monthOf, sameDayIn, weekday, weeksOf, type Day, type Month } from './dates.ts';

interface MonthGridProps {
  readonly month: Month;
  readonly selected: Day | undefined;
  /** The day that the keyboard is on. */
  readonly focused: Day;
  readonly today: Day;
  readonly first: Month;
  readonly last: Month;
  /** How many times a day has; undefined while they are being loaded. */
  readonly count: (day: Day) => number | undefined;
  readonly onSelect: (day: Day) => void;
  readonly onFocus: (day: Day) => void;
  readonly onMonth: (month: Month) => void;
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** A month as the date grid of the ARIA Authoring Practices: one tab stop, arrows move, PageUp and PageDown turn the month. */
export function MonthGrid({ month, selected, focused, today, first, last, count, onSelect, onFocus, onMonth }: MonthGridProps): ReactElement {
  const grid = useRef<HTMLTableElement>(null);
  // Set by a key only: loading and the month's buttons must not pull the focus in here.
  const moveFocus = useRef(false);
  useEffect(() => {
    if (!moveFocus.current) return;
    moveFocus.current = false;
    grid.current?.querySelector<HTMLButtonElement>(`[data-day="${focused}"]`)?.focus();
  }, [focused]);

  const press = (event: KeyboardEvent, day: Day): void => {
    const target = keyTarget(event.key, day);
    if (!target || monthOf(target) < first || monthOf(target) > last) return;
    event.preventDefault();
    moveFocus.current = true;
    onFocus(target);
  };

  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="steps">
        <button type="button" aria-label={`Previous month, ${monthName(addMonths(month, -1))}`} disabled={month <= first} onClick={() => onMonth(addMonths(month, -1))}><Chevron back /></button>
        <h2 id="month-name">{monthName(month)}</h2>
        <button type="button" aria-label={`Next month, ${monthName(addMonths(month, 1))}`} disabled={month >= last} onClick={() => onMonth(addMonths(month, 1))}><Chevron /></button>
      </div>
      <table ref={grid} className="month" role="grid" aria-labelledby="month-name">
        <thead>
          <tr>{DAYS.map((name) => <th key={name} scope="col" abbr={name}>{name.slice(0, 2)}</th>)}</tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week, w) => (
            <tr key={w}>
              {week.map((day, d) => day === null ? <td key={d} /> : (
                <td key={day} role="gridcell" aria-selected={day === selected}>
                  <button
                    type="button" data-day={day} tabIndex={day === focused ? 0 : -1}
                    className={`${count(day) ? 'free' : ''} ${day === today ? 'today' : ''}`}
                    aria-disabled={!count(day)} aria-current={day === today ? 'date' : undefined}
                    aria-label={[longDay(day), countText(count(day))].filter(Boolean).join(', ')}
                    onClick={() => { if (count(day)) onSelect(day); else onFocus(day); }}
                    onKeyDown={(event) => press(event, day)}
                  >{Number(day.slice(8))}</button>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const countText = (count: number | undefined): string => (count === undefined ? '' : count === 0 ? 'no times' : count === 1 ? '1 time' : `${count} times`);

function keyTarget(key: string, day: Day): Day | undefined {
  switch (key) {
    case 'ArrowLeft': return addDays(day, -1);
    case 'ArrowRight': return addDays(day, 1);
    case 'ArrowUp': return addDays(day, -7);
    case 'ArrowDown': return addDays(day, 7);
    case 'Home': return addDays(day, -weekday(day));
    case 'End': return addDays(day, 6 - weekday(day));
    case 'PageUp': return sameDayIn(day, addMonths(monthOf(day), -1));
    case 'PageDown': return sameDayIn(day, addMonths(monthOf(day), 1));
    default: return undefined;
  }
}

const Chevron = ({ back = false }: { back?: boolean }): ReactElement => (
  <svg width="20" height="20" viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true"><path d={back ? 'M12.5 4 6.5 10l6 6' : 'm7.5 4 6 6-6 6'} /></svg>
);
