/** Drawn here, 20 by 20, in the colour of the text around them; always beside or under a name. */
const PATHS = {
  inbox: 'M4 4h12l1.5 8v4h-15v-4L4 4Zm-1.2 8h4l1 2h4.4l1-2h4',
  draft: 'M4 16l.8-3.6L13 4.2a1.4 1.4 0 0 1 2 0l.8.8a1.4 1.4 0 0 1 0 2L7.6 15.2 4 16Zm7.6-10.4 2.8 2.8',
  sent: 'M3 10 17 3.5 13.5 17l-3.7-5.2L17 3.5 9.8 11.8 3 10Z',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.8 11h7.4l.8-11M8.5 9v5M11.5 9v5',
  junk: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14ZM5.2 5.2l9.6 9.6',
  folder: 'M3 5h5l1.5 2H17v9H3V5Z',
  calendar: 'M3.5 5h13v12h-13V5Zm0 3.5h13M7 3v3M13 3v3',
  compose: 'M9 4H4v12h12v-5M8 12l.6-2.6L15 3l2 2-6.4 6.4L8 12Z',
  reply: 'M8 5 3 9.5 8 14v-3c4-.3 7 1 9 4-.3-5-3.500-8-9-8V5Z',
  replyAll: 'M6 6 2.500 9.500 6 13M10.500 5 6 9.500l4.500 4.500v-3c3-.2 5.500 1 7 4-.2-5-3-8-7-8V5Z',
  sundial: 'M10 17a7 7 0 1 1 0-14 7 7 0 0 1 0 14Zm0-7V4.800M10 10l4 2.500',
  person: 'M10 10a3.300 3.300 0 1 0 0-6.600A3.300 3.300 0 0 0 10 10Zm-6 7c.4-3.200 2.800-5 6-5s5.600 1.800 6 5',
  close: 'M5 5l10 10M15 5 5 15',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  image: 'M3 4h14v12H3V4Zm1 10 4-4.500 3 3 2.500-2.500L16.500 14M13.500 7.500h.1',
  check: 'M4 10.500 8 14.500 16 6',
  pin: 'M7 3h6l-.6 5 2.100 2.500h-9L7.600 8 7 3Zm3 7.500V17',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg className="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" strokeLinecap="round" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
);
