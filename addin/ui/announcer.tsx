import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';

const BATCH_MS = 5000;
const Announce = createContext<(text: string) => void>(() => {});

/** Says a change to who cannot see it, politely and at most every five seconds. */
export const useAnnounce = (): ((text: string) => void) => useContext(Announce);

const hidden = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)', whiteSpace: 'nowrap' } as const;

export function Announcer({ children }: { readonly children: ReactNode }): ReactElement {
  const [text, setText] = useState('');
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const spokenAt = useRef(0);
  const announce = useCallback((said: string) => {
    if (!waiting.current.includes(said)) waiting.current.push(said);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      spokenAt.current = Date.now();
      setText(waiting.current.splice(0).join(' '));
    }, Math.max(0, spokenAt.current + BATCH_MS - Date.now()));
  }, []);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Announce value={announce}>
      {children}
      <div role="status" aria-live="polite" style={hidden}>{text}</div>
    </Announce>
  );
}
