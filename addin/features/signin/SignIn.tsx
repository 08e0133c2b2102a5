import { Button, Spinner } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { OfficeError } from '../../office/errors.ts';
import { Card, Detail, Heading, LinkButton, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Loading, ProblemNote, type Problem } from '../../ui/states.tsx';
import { problemOf } from '../pane.ts';
import type { Session, SessionControl } from './session.ts';

/** The pane before an account stands behind it. */
export function SignIn({ control, mailbox }: { readonly control: SessionControl; readonly mailbox: string }): ReactElement {
  const { session, signIn, cancel, check } = control;
  const [explain, setExplain] = useState(false);
  if (explain) return <WhatIsStored onBack={() => setExplain(false)} />;
  switch (session.state) {
    case 'checking':
    case 'signedIn':
      return <Loading what="your account" />;
    case 'opening':
    case 'linking':
      return <Row><Spinner size="tiny" /><span>{session.state === 'opening' ? 'Opening the sign-in window…' : 'Linking the mailbox…'}</span></Row>;
    case 'waiting':
      return (
        <Stack>
          <Heading>Finish in the sign-in window.</Heading>
          <Quiet>It asks for your password and shows which accounts it will link.</Quiet>
          <Row>
            <Button appearance="primary" onClick={() => void signIn()}>Open again</Button>
            <Button onClick={cancel}>Cancel</Button>
          </Row>
        </Stack>
      );
    case 'failed':
      return <ProblemNote problem={problemOf(session.problem, () => void check())} />;
    case 'signedOut':
      return (
        <Stack>
          <Heading>Sundial</Heading>
          <Quiet>See what was opened. Follow up automatically. Share free times.</Quiet>
          {session.problem !== undefined && <ProblemNote problem={signInProblem(session, () => void signIn())} />}
          <Row><Button appearance="primary" onClick={() => void signIn()}>Sign in</Button></Row>
          <Quiet small>For {mailbox}. <LinkButton onClick={() => setExplain(true)}>What Sundial stores</LinkButton></Quiet>
        </Stack>
      );
  }
}

/** Over a screen whose session ended by itself: what was typed stays, and goes on after the sign-in. */
export function SessionEnded({ control, phone }: { readonly control: SessionControl; readonly phone: boolean }): ReactElement {
  const { session, signIn, cancel } = control;
  const problem = session.state === 'signedOut' && session.problem !== undefined ? signInProblem(session, () => void signIn()) : null;
  const busy = session.state === 'opening' || session.state === 'linking' || session.state === 'checking';
  return (
    // Beneath the tabs, which a phone has none of.
    <div style={{ marginBottom: 12, position: 'sticky', top: phone ? 12 : '3.25rem', zIndex: 1 }} role={problem ? undefined : 'alert'}>
      <Card label="Session">
        {session.state === 'waiting' ? (
          <>
            <Heading>Finish in the sign-in window.</Heading>
            <Row><Button onClick={() => void signIn()}>Open again</Button><Button onClick={cancel}>Cancel</Button></Row>
          </>
        ) : (
          <>
            <Heading>Your session has ended.</Heading>
            <Quiet>What you typed is kept.</Quiet>
            {problem && <ProblemNote problem={problem} />}
            <Row><Button appearance="primary" disabledFocusable={busy} onClick={() => void signIn()}>Sign in again</Button></Row>
          </>
        )}
      </Card>
    </div>
  );
}

function signInProblem(session: Session & { state: 'signedOut' }, again: () => void): Problem {
  const { problem } = session;
  if (problem instanceof OfficeError && (problem.code === 'dialog.blocked' || problem.code === 'dialog.ignored')) {
    return { text: 'The sign-in window was blocked. Allow pop-ups for this site.', action: { label: 'Try again', run: again } };
  }
  return problemOf(problem, again);
}

function WhatIsStored({ onBack }: { readonly onBack: () => void }): ReactElement {
  return (
    <Detail title="What Sundial stores" onBack={onBack}>
      <Quiet>On this server, which your organisation runs, and nowhere else:</Quiet>
      <ul style={{ margin: 0, paddingLeft: 20 }}>
        <li>which messages you track, and when they were opened, answered or bounced;</li>
        <li>your templates, follow-ups and booking pages;</li>
        <li>the link between this mailbox and your account.</li>
      </ul>
      <Quiet>A recipient can opt out of tracking in each tracked message. You can delete your tracking data in Settings.</Quiet>
    </Detail>
  );
}
