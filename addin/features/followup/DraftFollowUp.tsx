import { Button } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { Card, Heading, Quiet, Row } from '../../ui/layout.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { dayTime } from '../../ui/time.tsx';
import { problemOf } from '../pane.ts';
import type { DraftFollowUpState } from './useDraftFollowUp.ts';

/** The follow-up of a message that is not sent yet: none, or the next date of the one that was chosen. */
export function DraftFollowUp({ state, disabled, onChoose }: { readonly state: DraftFollowUpState; readonly disabled: boolean; readonly onChoose: () => void }): ReactElement {
  const { current } = state;
  return (
    <Card label="Follow-up">
      <Heading>Follow-up: {current ? current.name : 'None'}</Heading>
      {state.failure !== null && <ProblemNote problem={problemOf(state.failure)} />}
      {current && <Quiet>{current.nextAt ? <>Next, if sent now: <time dateTime={current.nextAt}>{dayTime(current.nextAt)}</time></> : `${current.afterDays} working days after sending`}</Quiet>}
      {current && <Quiet small>To {current.targets?.join(', ') || 'the message’s recipients'}. Stops on answer, bounce, opt-out.</Quiet>}
      {disabled && <Quiet small>A follow-up needs tracking, to know the message once it is sent.</Quiet>}
      <Row>
        <Button disabled={disabled || state.loading} onClick={onChoose}>{current ? 'Change' : 'Choose'}</Button>
        {current && <Button appearance="subtle" onClick={() => void state.remove()}>Remove</Button>}
      </Row>
    </Card>
  );
}
