import { Button } from '@fluentui/react-components';
import { useSyncExternalStore, type ReactElement } from 'react';
import { currentItem, onItemChanged } from '../../office/item.ts';
import { Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { usePane } from '../pane.ts';
import { ComposeView } from './ComposeView.tsx';
import { ReadView } from './ReadView.tsx';

/** Follows what is chosen in Outlook. A new item is a new screen: nothing of the last one is carried over. */
export function MessageTab({ onShowActivity }: { readonly onShowActivity?: () => void }): ReactElement {
  const { phone } = usePane();
  const item = useSyncExternalStore(onItemChanged, currentItem);
  if (item.kind === 'read') return <ReadView key={item.sequence} item={item} />;
  // Outlook shows no pane beside what is written on a phone; one that is still open has nothing to say.
  if (item.kind === 'compose' && !phone) return <ComposeView key={item.sequence} item={item} />;
  return (
    <Stack>
      <Heading>Choose one message.</Heading>
      <Quiet>Drafts, protected and attached mail stay closed to add-ins.</Quiet>
      {onShowActivity && <Row><Button onClick={onShowActivity}>Show activity</Button></Row>}
    </Stack>
  );
}
