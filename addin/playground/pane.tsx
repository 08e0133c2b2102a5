import { useEffect, useRef } from 'react';
import { connectPane, type Methods, type PaneBridge } from './bridge.ts';
import { Icon } from './icons.tsx';
import type { HostState } from './protocol.ts';

/**
 * One run of the task pane: the real page, told by our Office.js what is chosen. Outlook starts a pane
 * of its own for each message that is written, and keeps the pinned one beside the messages that are read.
 */
export function Pane({ state, methods, hidden, onClose, onBridge }: {
  state: HostState;
  methods: Methods;
  hidden: boolean;
  onClose: () => void;
  onBridge?: (bridge: PaneBridge | undefined) => void;
}) {
  const frame = useRef<HTMLIFrameElement>(null);
  const bridge = useRef<PaneBridge>(undefined);
  const latest = useRef({ state, methods });
  useEffect(() => {
    latest.current = { state, methods };
    bridge.current?.setState(state);
  }, [state, methods]);
  useEffect(() => {
    const connected = connectPane(frame.current!, latest.current.state, () => latest.current.methods);
    bridge.current = connected;
    onBridge?.(connected);
    return () => {
      bridge.current = undefined;
      onBridge?.(undefined);
      connected.close();
    };
  }, []); // eslint-disable-line react-hooks/exhaustive-deps
  return (
    <aside className="pane" aria-label="Sundial" hidden={hidden}>
      <header>
        <Icon name="sundial" /><h2>Sundial</h2>
        <button type="button" className="bare" title="Close the Sundial pane" aria-label="Close the Sundial pane" onClick={onClose}><Icon name="close" /></button>
      </header>
      <iframe ref={frame} src="/addin/taskpane.html?host=playground" title="Sundial task pane" allow="clipboard-write" />
    </aside>
  );
}
