import { Button, Checkbox, Switch } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import type { Item } from '../../office/item.ts';
import { Card, Detail, Heading, LinkButton, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { DraftFollowUp } from '../followup/DraftFollowUp.tsx';
import { FollowUpPicker, InsertBooking, InsertTemplate, InsertTimes } from '../later.ts';
import { problemOf, usePane } from '../pane.ts';
import { POLICY_TEXT, useTrackingPolicy, type TrackingPolicy } from '../tracking-policy.ts';
import { useDraftFollowUp } from '../followup/useDraftFollowUp.ts';
import { useDraftTracking, type DraftTracking } from './useDraftTracking.ts';

export type ComposeMessage = Extract<Item, { kind: 'compose' }>;
type View = 'main' | 'recipients-see' | 'followup' | 'template' | 'times' | 'booking';

/** The Message tab while a message or an appointment is written. Nothing in here can hold up its sending. */
export function ComposeView({ item }: { readonly item: ComposeMessage }): ReactElement {
  return item.type === 'appointment' ? <AppointmentView item={item} /> : <MessageView item={item} />;
}

function MessageView({ item }: { readonly item: ComposeMessage }): ReactElement {
  const organisation = useTrackingPolicy();
  if (!organisation) return <Loading what="the message" />;
  return <TrackedMessageView item={item} {...organisation} />;
}

function TrackedMessageView({ item, policy, byDefault }: { readonly item: ComposeMessage; readonly policy: TrackingPolicy; readonly byDefault: boolean }): ReactElement {
  const [view, setView] = useState<View>('main');
  const tracking = useDraftTracking(item, { opens: policy === 'on', replies: policy !== 'off', byDefault });
  const followUp = useDraftFollowUp(tracking);
  const back = () => setView('main');
  switch (view) {
    case 'recipients-see':
      return <RecipientsSee tracking={tracking} policy={policy} onBack={back} />;
    case 'followup':
      return <FollowUpPicker item={item} current={followUp.current} onBack={back} onUse={async (choice) => {
        await followUp.use(choice);
        back();
      }} />;
    case 'main':
      return (
        <Stack>
          <TrackingCard tracking={tracking} policy={policy} onExplain={() => setView('recipients-see')} hasFollowUp={followUp.current !== null} />
          <DraftFollowUp state={followUp} disabled={policy === 'off'} onChoose={() => setView('followup')} />
          <InsertCard onInsert={setView} />
        </Stack>
      );
    default:
      return <InsertView item={item} view={view} trackingCode={tracking.draft?.code} onBack={back} />;
  }
}

function AppointmentView({ item }: { readonly item: ComposeMessage }): ReactElement {
  const [view, setView] = useState<View>('main');
  if (view === 'main') return <InsertCard onInsert={setView} />;
  return <InsertView item={item} view={view} onBack={() => setView('main')} />;
}

function InsertView({ item, view, trackingCode, onBack }: { readonly item: ComposeMessage; readonly view: View; readonly trackingCode?: string | undefined; readonly onBack: () => void }): ReactElement | null {
  if (view === 'template') return <InsertTemplate item={item} trackingCode={trackingCode} onBack={onBack} />;
  if (view === 'times') return <InsertTimes target={item} onBack={onBack} />;
  if (view === 'booking') return <InsertBooking item={item} onBack={onBack} />;
  return null;
}

function InsertCard({ onInsert }: { readonly onInsert: (view: View) => void }): ReactElement {
  return (
    <Card label="Insert">
      <Heading>Insert</Heading>
      <Row>
        <Button onClick={() => onInsert('template')}>Template</Button>
        <Button onClick={() => onInsert('times')}>Times</Button>
        <Button onClick={() => onInsert('booking')}>Booking</Button>
      </Row>
    </Card>
  );
}

function TrackingCard({ tracking, policy, onExplain, hasFollowUp }: {
  readonly tracking: DraftTracking; readonly policy: TrackingPolicy; readonly onExplain: () => void; readonly hasFollowUp: boolean;
}): ReactElement {
  const { state, options, plainText, recipients, links } = tracking;
  const on = state === 'on';
  // While it works nothing is disabled: what is disabled loses the focus of whoever pressed it.
  const working = state === 'working';
  const busy = state === 'loading';
  const change = (part: Partial<typeof options>) => void (working || tracking.change({ ...options, ...part }));
  const opensAllowed = policy === 'on';
  return (
    <Card label="Tracking">
      <Switch
        checked={on}
        disabled={busy || (policy === 'off' && !on)}
        labelPosition="before"
        style={{ marginLeft: -8 }}
        label={`Track this message: ${state === 'working' ? 'one moment…' : on ? (tracking.asLastTime ? 'On, as last time' : 'On') : 'Off'}`}
        onChange={(_, { checked }) => void (working || tracking.set(checked))}
      />
      {tracking.failure !== null && <ProblemNote problem={{ ...problemOf(tracking.failure), text: 'Tracking isn’t on. Your mail is unaffected.', action: { label: 'Try again', run: tracking.retry } }} />}
      {policy === 'off' && <Quiet small>{POLICY_TEXT.off}</Quiet>}
      {(on || state === 'working') && (
        <Stack tight>
          <div style={{ display: 'flex', flexWrap: 'wrap', margin: '-8px -8px 0' }}>
            <Checkbox label="Opens" checked={options.opens && opensAllowed && !plainText} disabled={busy || plainText || !opensAllowed} onChange={(_, { checked }) => change({ opens: checked === true })} />
            <Checkbox label="Replies" checked={options.replies} disabled={busy || hasFollowUp} onChange={(_, { checked }) => change({ replies: checked === true })} />
            <Checkbox label="Links" checked={options.links && opensAllowed && !plainText} disabled={busy || plainText || !opensAllowed} onChange={(_, { checked }) => change({ links: checked === true })} />
          </div>
          {policy === 'repliesOnly' && <Quiet small>{POLICY_TEXT.repliesOnly}</Quiet>}
          {plainText && <Quiet small>Plain text can’t show opens. Replies still work.</Quiet>}
          {on && options.opens && !plainText && recipients > 1 && <Quiet small>We’ll see that someone opened, not who.</Quiet>}
          {on && links.tracked > 0 && <Quiet small>{count(links.tracked, 'link')} tracked. <LinkButton onClick={() => void tracking.restore()}>Restore</LinkButton></Quiet>}
          {on && options.links && links.fresh > 0 && (
            <Quiet small>{count(links.fresh, 'new link')} {links.fresh === 1 ? 'isn’t' : 'aren’t'} tracked. <LinkButton onClick={() => void tracking.trackFresh()}>{links.fresh === 1 ? 'Track it' : 'Track them'}</LinkButton></Quiet>
          )}
          {on && hasFollowUp && <Quiet small>Turning this off also removes the follow-up.</Quiet>}
        </Stack>
      )}
      <div><LinkButton onClick={onExplain}>What recipients see</LinkButton></div>
    </Card>
  );
}

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** The same words that the delivered message holds, not a promise about them. */
function RecipientsSee({ tracking, policy, onBack }: { readonly tracking: DraftTracking; readonly policy: TrackingPolicy; readonly onBack: () => void }): ReactElement {
  const { config } = usePane();
  const host = new URL(config.publicUrl).host;
  const { draft } = tracking;
  return (
    <Detail title="What recipients see" onBack={onBack}>
      {policy !== 'off' && (
        <ul style={{ margin: 0, paddingLeft: 20 }}>
          {policy === 'on' && <li><b>Opens</b>: nothing. An invisible image is loaded from {host} when the message is shown with its images.</li>}
          <li><b>Replies</b>: nothing. Sundial looks for answers in your own mailbox.</li>
          {policy === 'on' && <li><b>Links</b>: they point to {host} first, which sends the reader on at once.</li>}
        </ul>
      )}
      {policy !== 'on' && <Quiet>{POLICY_TEXT[policy]}</Quiet>}
      <Quiet>{draft?.append && visibleText(draft.append) ? <>At the end of the message: “{visibleText(draft.append)}”</> : 'A recipient can always ask not to be tracked; Sundial then records nothing more, also for mail already sent.'}</Quiet>
    </Detail>
  );
}

function visibleText(html: string): string {
  return new DOMParser().parseFromString(html, 'text/html').body.textContent?.trim() ?? '';
}
