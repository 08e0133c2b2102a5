import { CounterBadge, FluentProvider, makeStaticStyles, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { ApiError } from '../api.ts';
import { useActivityBadge } from '../features/activity/badge.ts';
import { MessageTab } from '../features/message/MessageTab.tsx';
import { OfflineNote } from '../features/OfflineNote.tsx';
import { useLiveUpdates } from '../features/live.ts';
import { PaneContext, type Pane, type PaneConfig } from '../features/pane.ts';
import { SessionEnded, SignIn } from '../features/signin/SignIn.tsx';
import { useSession } from '../features/signin/session.ts';
import { useTimeFrame } from '../features/time-frame.ts';
import { OfficeError } from '../office/errors.ts';
import { isPhone, mailboxOwner } from '../office/mailbox.ts';
import { Announcer } from '../ui/announcer.tsx';
import { Unseen } from '../ui/layout.tsx';
import { Loading } from '../ui/states.tsx';
import { TabPanel, Tabs } from '../ui/Tabs.tsx';
import { useKeptFocus } from '../ui/useKeptFocus.ts';
import { useAppearance, type Appearance } from './theme.ts';

/** Message is what a person came for; the other two tabs load when they are asked for. */
const ActivityTab = lazy(async () => ({ default: (await import('../features/activity/ActivityTab.tsx')).ActivityTab }));
const SettingsTab = lazy(async () => ({ default: (await import('../features/settings/SettingsTab.tsx')).SettingsTab }));

const useStyles = makeStyles({
  page: { minHeight: '100vh', boxSizing: 'border-box', display: 'flex', flexDirection: 'column', backgroundColor: tokens.colorNeutralBackground2, minWidth: 0 },
  tabs: { backgroundColor: tokens.colorNeutralBackground1, borderBottom: `1px solid ${tokens.colorNeutralStroke2}`, position: 'sticky', top: 0, zIndex: 1 },
  thumb: { '& button': { minHeight: '44px' } },
  content: { padding: '12px', flexGrow: 1, minWidth: 0, boxSizing: 'border-box', maxWidth: '640px', width: '100%' },
});

/** Fluent's controls are as wide as their words at first; here they may be narrower, and long words break. */
const useFluentFits = makeStaticStyles({
  // What gets the focus comes to lie between the tabs and the buttons that stay at the bottom, not beneath them.
  html: { scrollPaddingTop: '4rem', scrollPaddingBottom: '4.5rem' },
  '.fui-Input, .fui-Select, .fui-SearchBox, .fui-Textarea': { maxWidth: '100%', minWidth: 0 },
  'input, select, textarea': { minWidth: 0 },
  '.fui-Checkbox, .fui-Radio, .fui-Switch': { maxWidth: '100%' },
  // Their height is in pixels, that of the words in them in the text's size.
  '.fui-CounterBadge.fui-CounterBadge': { height: '1rem', minWidth: '1rem' },
  '.fui-Select .fui-Select__select': { height: 'auto', minHeight: '2rem' },
  '.fui-Checkbox__label, .fui-Radio__label, .fui-Switch__label, .fui-Field__hint, .fui-Field__validationMessage': { minWidth: 0, overflowWrap: 'anywhere' },
});

type TabName = 'message' | 'activity' | 'settings';

/** Transient trouble of reads is tried again quietly; what the server has refused is not. */
const retry = (failures: number, error: Error): boolean =>
  failures < 2 && !(error instanceof OfficeError) && !(error instanceof ApiError && error.status >= 400 && error.status < 500);

export function App({ config }: { readonly config: PaneConfig }): ReactElement {
  useFluentFits();
  useKeptFocus();
  const { theme, appearance, choose } = useAppearance();
  return (
    <FluentProvider theme={theme}>
      <Announcer><Frame config={config} appearance={appearance} onAppearance={choose} /></Announcer>
    </FluentProvider>
  );
}

/** What is read from the server lives as long as this: nothing of one account is shown to the next. */
function Data({ children }: { readonly children: ReactNode }): ReactElement {
  const [client] = useState(() => new QueryClient({ defaultOptions: { queries: { retry, staleTime: 10_000, networkMode: 'always' }, mutations: { retry: false, networkMode: 'always' } } }));
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}

interface FrameProps {
  readonly config: PaneConfig;
  readonly appearance: Appearance;
  readonly onAppearance: (appearance: Appearance) => void;
}

function Frame({ config, appearance, onAppearance }: FrameProps): ReactElement {
  const styles = useStyles();
  const [owner] = useState(mailboxOwner);
  const [phone] = useState(isPhone);
  const control = useSession(config);
  const { session, account, round, api, signOut } = control;
  const pane = useMemo<Pane | null>(() => account && { api, config, owner, account, phone, signOut }, [api, config, owner, account, phone, signOut]);
  const ended = session.state === 'signedIn' ? null : <SessionEnded control={control} phone={phone} />;
  if (!pane) return <div className={styles.page}><main className={mergeClasses(styles.content, phone && styles.thumb)}><Unseen as="h1">Sundial</Unseen><SignIn control={control} mailbox={owner.email} /></main></div>;
  return (
    <PaneContext value={pane}>
      <Data key={pane.account.id}>
        {phone ? <Phone round={round} ended={ended} /> : <TabbedPane round={round} ended={ended} appearance={appearance} onAppearance={onAppearance} />}
      </Data>
    </PaneContext>
  );
}

interface TabsProps extends Pick<FrameProps, 'appearance' | 'onAppearance'> {
  readonly round: number;
  readonly ended: ReactElement | null;
}

function TabbedPane({ appearance, onAppearance, round, ended }: TabsProps): ReactElement {
  const styles = useStyles();
  const [tab, setTab] = useState<TabName>('message');
  useLiveUpdates(round);
  useTimeFrame();
  const badge = useActivityBadge(tab === 'activity');
  return (
    <div className={styles.page}>
      <header className={styles.tabs}>
        <Unseen as="h1">Sundial</Unseen>
        <Tabs label="Sundial" chosen={tab} onChoose={setTab} items={[
          { value: 'message', label: 'Message' },
          { value: 'activity', label: 'Activity', badge: badge > 0 && <CounterBadge count={badge} size="small" color="brand" role="img" aria-label={`${badge} new`} /> },
          { value: 'settings', label: 'Settings' },
        ]} />
      </header>
      <main className={styles.content}>
        {ended}
        <OfflineNote />
        <TabPanel chosen={tab}>
          <Suspense fallback={<Loading what="the page" />}>
            {tab === 'message' && <MessageTab onShowActivity={() => setTab('activity')} />}
            {tab === 'activity' && <ActivityTab />}
            {tab === 'settings' && <SettingsTab appearance={appearance} onAppearance={onAppearance} />}
          </Suspense>
        </TabPanel>
      </main>
    </div>
  );
}

/** Beside a message on a phone: what became of it, without tabs, with targets for a thumb. */
function Phone({ round, ended }: Pick<TabsProps, 'round' | 'ended'>): ReactElement {
  const styles = useStyles();
  useLiveUpdates(round);
  useTimeFrame();
  return (
    <div className={styles.page}>
      <main className={mergeClasses(styles.content, styles.thumb)}>
        <Unseen as="h1">Sundial</Unseen>
        {ended}
        <OfflineNote />
        <Suspense fallback={<Loading what="the page" />}><MessageTab /></Suspense>
      </main>
    </div>
  );
}
