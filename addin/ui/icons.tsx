import type { ReactElement } from 'react';

/** Strokes on a 16-pixel grid in the text's own colour, so that forced colours reach them too; they grow with the text. */
const PATHS = {
  back: 'M10 3 5 8l5 5',
  forward: 'M6 3l5 5-5 5',
  opened: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z',
  maybe: 'M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.7 8 9 8 10M8 12.6v.4',
  clicked: 'M6.5 9.5 9.5 6.5M7 4.5 8.7 2.8a3 3 0 0 1 4.3 4.3L11.3 8.8M4.7 7.2 3 8.9a3 3 0 0 0 4.3 4.3l1.6-1.7',
  sent: 'M2 8 14 2.5 11 14 7.5 9.5 2 8ZM7.5 9.5 14 2.5',
  answered: 'M6.5 3 2 7.2l4.5 4.3M2 7.2h6.5c3 0 5 1.8 5 5.3',
  failed: 'M8 2 14.5 13.5h-13L8 2ZM8 6.5v3.5M8 11.7v.3',
  step: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.5V8l2.5 1.7',
  filter: 'M8 1.5 13.5 3.5V8c0 3.5-2.5 5.5-5.5 6.5C5 13.5 2.5 11.5 2.5 8V3.5L8 1.5Z',
  self: 'M8 8a2.8 2.8 0 1 0 0-5.6A2.8 2.8 0 0 0 8 8ZM2.8 14c.5-2.8 2.6-4 5.2-4s4.7 1.2 5.2 4',
  booked: 'M2.5 4h11v9.5h-11V4ZM2.5 7h11M5.5 2v3M10.5 2v3M6 10.2l1.5 1.5 2.8-2.8',
  optOut: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM3.7 3.7l8.6 8.6',
  add: 'M8 3v10M3 8h10',
  charts: 'M2.5 13.5h11M4 13.5V9M8 13.5V3M12 13.5V6.5',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg width={`${size / 16}rem`} height={`${size / 16}rem`} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth={1.4} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false" style={{ flexShrink: 0 }}>
      <path d={PATHS[name]} />
    </svg>
  );
}
