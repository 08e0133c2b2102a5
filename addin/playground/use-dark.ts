import { useSyncExternalStore } from 'react';

const query = matchMedia('(prefers-color-scheme: dark)');

/** Whether the browser asks for dark colours, as it changes. */
export const useDark = (): boolean => useSyncExternalStore((heard) => {
  query.addEventListener('change', heard);
  return () => query.removeEventListener('change', heard);
}, () => query.matches);
