import { Button } from '@fluentui/react-components';
import { onlineManager, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactElement } from 'react';
import { useAnnounce } from '../ui/announcer.tsx';
import { Row } from '../ui/layout.tsx';
import { Note } from '../ui/states.tsx';
import { productNow, Time } from '../ui/time.tsx';

/** While there is no connection: from when what is shown is. */
export function OfflineNote(): ReactElement | null {
  const client = useQueryClient();
  const announce = useAnnounce();
  const [since, setSince] = useState<string | null>(null);
  useEffect(() => onlineManager.subscribe((online) => {
    setSince(online ? null : new Date(productNow()).toISOString());
    announce(online ? 'Connected again.' : 'No connection.');
  }), [announce]);
  if (!since) return null;
  return (
    <div style={{ marginBottom: 12 }}>
      <Note>
        <Row>
          <span>No connection. As of <Time at={since} form="clock" />.</span>
          <Button size="small" onClick={() => void client.refetchQueries({ type: 'active' })}>Retry</Button>
        </Row>
      </Note>
    </div>
  );
}
