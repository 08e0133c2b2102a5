import { Button, makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Detail, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { BookingPages } from '../booking/BookingPages.tsx';
import { problemOf, usePane } from '../pane.ts';
import { TemplatesAndSequences } from '../templates/TemplatesAndSequences.tsx';
import { Hours } from './Hours.tsx';
import { TrackingSettings } from './TrackingSettings.tsx';

type Section = 'account' | 'hours' | 'templates' | 'booking' | 'tracking' | 'appearance';
const SECTIONS: readonly (readonly [Section, string])[] = [
  ['account', 'Account'], ['hours', 'Hours and zone'], ['templates', 'Templates and sequences'],
  ['booking', 'Booking pages'], ['tracking', 'Tracking'], ['appearance', 'Appearance'],
];

const useStyles = makeStyles({
  list: {
    listStyleType: 'none', margin: 0, padding: 0, backgroundColor: tokens.colorNeutralBackground1, border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium,
    '& li + li': { borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  entry: {
    display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: '8px', width: '100%', minHeight: '44px', padding: '8px 12px',
    font: 'inherit', color: 'inherit', textAlign: 'start', cursor: 'pointer', background: 'none', border: 'none', borderRadius: tokens.borderRadiusMedium,
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
  },
});

export type Appearance = 'auto' | 'light' | 'dark';
interface Props {
  readonly appearance: Appearance;
  readonly onAppearance: (appearance: Appearance) => void;
}

export function SettingsTab(props: Props): ReactElement {
  const styles = useStyles();
  const [section, setSection] = useState<Section | null>(null);
  const back = () => setSection(null);
  switch (section) {
    case 'account': return <AccountSettings onBack={back} />;
    case 'hours': return <Hours onBack={back} />;
    case 'templates': return <TemplatesAndSequences onBack={back} />;
    case 'booking': return <BookingPages onBack={back} />;
    case 'tracking': return <TrackingSettings onBack={back} />;
    case 'appearance': return <AppearanceSettings {...props} onBack={back} />;
    case null:
      return (
        <ul className={styles.list}>
          {SECTIONS.map(([name, label]) => <li key={name}><button type="button" className={styles.entry} onClick={() => setSection(name)}>{label}<Icon name="forward" /></button></li>)}
        </ul>
      );
  }
}

function AccountSettings({ onBack }: { readonly onBack: () => void }): ReactElement {
  const { account, owner, signOut } = usePane();
  const leave = useMutation({ mutationFn: signOut });
  return (
    <Detail title="Account" onBack={onBack}>
      <Stack tight>
        <Quiet>Mailbox: {owner.email}</Quiet>
        <Quiet>Sundial account: {account.email}</Quiet>
        <Quiet>Server: {location.host}</Quiet>
      </Stack>
      <Quiet small>Signing out ends the session of this mailbox everywhere. Follow-ups that run go on.</Quiet>
      {leave.error && <ProblemNote problem={problemOf(leave.error, () => leave.mutate())} />}
      <Row><Button disabledFocusable={leave.isPending} onClick={() => leave.mutate()}>Sign out</Button></Row>
    </Detail>
  );
}

function AppearanceSettings({ appearance, onAppearance, onBack }: Props & { readonly onBack: () => void }): ReactElement {
  return (
    <Detail title="Appearance" onBack={onBack}>
      <RadioGroup aria-label="Appearance" value={appearance} onChange={(_, { value }) => onAppearance(value as Appearance)}>
        <Radio value="auto" label="Auto (as Outlook)" />
        <Radio value="light" label="Light" />
        <Radio value="dark" label="Dark" />
      </RadioGroup>
    </Detail>
  );
}
