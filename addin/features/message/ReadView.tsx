import { Button } from '@fluentui/react-components';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactElement } from 'react';
import type { Item } from '../../office/item.ts';
import { Card, Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { FollowUpCard, conversationText, useConversation } from '../followup/FollowUpCard.tsx';
import { InsertTimes, StartFollowUp, TemplateChooser } from '../later.ts';
import { isStale, problemOf, usePane } from '../pane.ts';
import { POLICY_TEXT, useTrackingPolicy } from '../tracking-policy.ts';
import { noteReply } from './replied-templates.ts';
import { parseDraft, PROPERTY, RECIPIENT_LIMIT, SUBJECT_LIMIT } from './tracked-draft.ts';
import { TrackingView } from './TrackingView.tsx';
import { useTracking } from './useTracking.ts';

export type ReadMessage = Extract<Item, { kind: 'read' }>;
/** How long the mailbox has to tell of a sent message before the pane does: then Sundial does not see that mailbox's mail. */
const TELL_MS = 10_000;
/** How long a message may take from Send to the server's knowledge of it before the pane says so. */
const LOOK_MS = 120_000;

export function ReadView({ item }: { readonly item: ReadMessage }): ReactElement {
  const { phone } = usePane();
  if (item.type === 'appointment') return <Quiet>Sundial has nothing to add to a meeting that is being read. {phone ? 'Open a message.' : 'Open a message, or a meeting of yours to edit it.'}</Quiet>;
  return item.sent ? <SentView item={item} /> : <ReceivedView item={item} />;
}

/** A message that this mailbox sent: what became of it. */
function SentView({ item }: { readonly item: ReadMessage }): ReactElement {
  const { api, phone } = usePane();
  const client = useQueryClient();
  const [picking, setPicking] = useState(false);
  const [gaveUp, setGaveUp] = useState(false);
  const [round, setRound] = useState(0);
  const key = useQuery({
    queryKey: ['sent-key', item.sequence],
    gcTime: 0,
    retry: false,
    queryFn: async () => ({ draft: parseDraft(await item.property(PROPERTY).catch((e: unknown) => (isStale(e) ? Promise.reject(e as Error) : null))), internetMessageId: item.internetMessageId }),
  });
  const draft = key.data?.draft ?? null;
  const expected = draft !== null;
  const tracking = useTracking(key.data && { code: draft?.code ?? null, internetMessageId: item.internetMessageId }, expected && !gaveUp);
  const missing = tracking.data === null;

  useEffect(() => {
    if (!missing || !expected) return;
    const timer = setTimeout(() => setGaveUp(true), LOOK_MS);
    return () => clearTimeout(timer);
  }, [missing, expected, round]);

  const unnamed = tracking.data !== undefined && !tracking.data?.inetMessageId;
  useEffect(() => {
    // Outlook's event on Send runs where an administrator deployed the add-in, and cannot know the Message-ID.
    if (!draft?.report || !item.internetMessageId || !unnamed) return;
    const { subject, recipients, internetMessageId, createdAt } = item;
    const body = {
      reportToken: draft.report, internetMessageId, subject: subject.slice(0, SUBJECT_LIMIT), recipients: recipients.slice(0, RECIPIENT_LIMIT).map((r) => r.email),
      ...(createdAt ? { sentAt: createdAt } : {}),
    };
    const tell = async () => {
      await api.call('POST /v1/email/tracking/sent', { body });
      await client.invalidateQueries({ queryKey: ['tracking', 'message'] });
    };
    // It is asked for until it is there; that nobody could be told shows in its not being there.
    const timer = setTimeout(() => void tell().catch(() => {}), missing ? TELL_MS : 0);
    return () => clearTimeout(timer);
  }, [api, client, draft, item, unnamed, missing]);

  useEffect(() => {
    // What this mailbox's own reading pane loads now is no recipient's open.
    if (!item.internetMessageId) return;
    void api.call('POST /v1/email/tracking/viewing', { body: { internetMessageId: item.internetMessageId } }).catch(() => {});
  }, [api, item.internetMessageId]);

  if (tracking.error && tracking.data === undefined) return <ProblemNote problem={problemOf(tracking.error, () => void tracking.refetch())} />;
  if (key.isPending || tracking.isPending) return <Loading what="this message" />;
  const threadId = tracking.data?.threadId ?? item.conversationId;
  if (picking && threadId) return <StartFollowUp threadId={threadId} recipients={item.recipients} subject={item.subject} onBack={() => setPicking(false)} />;
  return (
    <Stack>
      {tracking.data ? <TrackingView tracking={tracking.data} /> : expected ? (
        <Card>
          {gaveUp ? (
            <>
              <Quiet>Not found; answers are still watched.</Quiet>
              {!phone && <Row><Button onClick={() => {
                setGaveUp(false);
                setRound(round + 1);
                void tracking.refetch();
              }}>Look again</Button></Row>}
            </>
          ) : <Quiet>Looking for the sent message…</Quiet>}
        </Card>
      ) : <Untracked />}
      {threadId && <FollowUpCard threadId={threadId} {...(phone ? {} : { onChoose: () => setPicking(true) })} />}
    </Stack>
  );
}

/** Where nobody could have tracked it, that is said too. */
function Untracked(): ReactElement {
  const organisation = useTrackingPolicy();
  return <Card><Quiet>Not tracked.</Quiet>{organisation?.policy === 'off' && <Quiet small>{POLICY_TEXT.off}</Quiet>}</Card>;
}

/** A message that somebody sent to this mailbox: how the conversation stands, and two ways to answer. Nothing is sent from here. */
function ReceivedView({ item }: { readonly item: ReadMessage }): ReactElement {
  const { phone } = usePane();
  const [view, setView] = useState<'main' | 'template' | 'times'>('main');
  const convo = useConversation(item.conversationId);
  const back = () => setView('main');
  const from = item.from;
  if (view === 'template') {
    return <TemplateChooser title="Reply with a template" action="Open the reply" recipients={async () => (from ? [from] : [])} onBack={back} onUse={async (filled) => {
      await item.reply(filled.html);
      noteReply(item.conversationId, filled.ruleId);
      back();
    }} />;
  }
  if (view === 'times') return <InsertTimes target={{ insert: (html) => item.reply(html) }} onBack={back} />;
  return (
    <Stack>
      <Card label="Conversation">
        <Heading level={2}>{from ? `From ${from.name}` : 'Received'}</Heading>
        {convo.error && !convo.data
          ? <ProblemNote problem={problemOf(convo.error, () => void convo.refetch())} />
          : item.conversationId && convo.isPending ? <Loading what="the conversation" />
          // On a phone the follow-up has a card of its own below.
          : phone && convo.data?.rule ? null
          : <Quiet>{convo.data?.rule ? `Your follow-up. ${conversationText(convo.data)}` : 'No follow-up runs in this conversation.'}</Quiet>}
      </Card>
      {phone ? convo.data?.rule && item.conversationId && <FollowUpCard threadId={item.conversationId} /> : <ReplyWith onChoose={setView} />}
    </Stack>
  );
}

function ReplyWith({ onChoose }: { readonly onChoose: (view: 'template' | 'times') => void }): ReactElement {
  return (
    <>
      <Row>
        <Button appearance="primary" onClick={() => onChoose('template')}>Reply with template</Button>
        <Button onClick={() => onChoose('times')}>Offer times</Button>
      </Row>
      <Quiet small>Both open a reply; nothing is sent.</Quiet>
    </>
  );
}
