import type { HostState } from '../protocol.ts';
import { answer, trailing } from './async.ts';
import { dialogOpener, dialogUi } from './dialog.ts';
import * as enums from './enums.ts';
import { failed } from './failures.ts';
import { handlers } from './handlers.ts';
import { hostedItem, type HostedItem } from './item.ts';
import type { Transport } from './transport.ts';

/** Outlook on the web, against an Exchange server that still issues identity tokens. */
const REQUIREMENTS: Readonly<Record<string, string>> = { Mailbox: '1.14', DialogApi: '1.2', DialogOrigin: '1.1', AddinCommands: '1.1' };
const DIAGNOSTICS = { host: 'Outlook', platform: 'OfficeOnline', version: '16.0.0.0' };
const ROAMING_CHARACTERS = 32_768;

interface Info {
  readonly host: string | null;
  readonly platform: string | null;
}

/** Mailbox 1.9 is less than 1.10: the parts are numbers. */
function isSetSupported(name: unknown, version: unknown = '1.1'): boolean {
  const has = Object.entries(REQUIREMENTS).find(([set]) => set.toLowerCase() === String(name).toLowerCase())?.[1];
  if (!has) return false;
  const [major = 0, minor = 0] = String(version).split('.').map(Number);
  const [hasMajor = 0, hasMinor = 0] = has.split('.').map(Number);
  return major < hasMajor || (major === hasMajor && minor <= hasMinor);
}

/** The part of the namespace that is there in every page: enumerations, start-up, requirement sets. */
export function createOffice(context: Record<string, unknown>, ready: Promise<Info>) {
  const office = {
    ...enums,
    context: {
      displayLanguage: navigator.language,
      contentLanguage: navigator.language,
      requirements: { isSetSupported },
      diagnostics: DIAGNOSTICS,
      ...context,
    } as Record<string, unknown>,
    actions: { associate: () => {} },
    /** Set by add-ins of the oldest form. */
    initialize: undefined as ((reason: string) => void) | undefined,
    onReady(callback?: (info: Info) => unknown): Promise<Info> {
      return ready.then((info) => {
        callback?.(info);
        return info;
      });
    },
    isSetSupported,
  };
  void ready.then((info) => {
    if (info.host) office.initialize?.(enums.InitializationReason.DocumentOpened);
  });
  return office;
}

/** Office.js in the pane: its context is there from the page's first word on. */
export function paneOffice(own: Window, transport: Transport) {
  let state: HostState;
  let hosted: HostedItem | undefined;
  const mailboxHandlers = handlers([enums.EventType.ItemChanged, enums.EventType.OfficeThemeChanged, enums.EventType.SelectedItemsChanged]);
  const dialogs = dialogOpener(own);
  let becomeReady: (info: Info) => void;
  const ready = new Promise<Info>((resolve) => {
    becomeReady = resolve;
  });
  const office = createOffice({}, ready);

  const showItem = (): void => {
    hosted = state.item ? hostedItem(transport, state.item) : undefined;
  };
  const theme = () => state.dark
    ? { bodyBackgroundColor: '#1f1f1f', bodyForegroundColor: '#ffffff', controlBackgroundColor: '#292929', controlForegroundColor: '#ffffff', isDarkTheme: true, themeId: enums.ThemeId.Black }
    : { bodyBackgroundColor: '#ffffff', bodyForegroundColor: '#242424', controlBackgroundColor: '#f5f5f5', controlForegroundColor: '#242424', isDarkTheme: false, themeId: enums.ThemeId.Colorful };

  transport.onState((next) => {
    const [first, before] = [state === undefined, state];
    state = next;
    if (first) {
      showItem();
      fillContext();
      becomeReady({ host: DIAGNOSTICS.host, platform: DIAGNOSTICS.platform });
      return;
    }
    if (before?.item?.key !== next.item?.key) {
      showItem();
      mailboxHandlers.raise(enums.EventType.ItemChanged, { initialData: null });
    }
    if (before?.dark !== next.dark) {
      office.context.officeTheme = theme();
      mailboxHandlers.raise(enums.EventType.OfficeThemeChanged, { officeTheme: theme() });
    }
  });
  transport.onEvent((type, data) => hosted?.handlers.raise(
    { recipientsChanged: enums.EventType.RecipientsChanged, attachmentsChanged: enums.EventType.AttachmentsChanged, infobarClicked: enums.EventType.InfobarClicked }[type],
    data as Record<string, unknown>,
  ));

  function fillContext(): void {
    const person = { ...state.user, accountType: 'enterprise', timeZone: state.timeZone };
    Object.assign(office.context, {
      officeTheme: theme(),
      roamingSettings: roamingSettings(transport, { ...state.roamingSettings }),
      auth: {
        getAccessToken: (): Promise<string> => Promise.reject(Object.assign(new Error('API Not Supported'), { code: 13012 })),
        getAccessTokenAsync(...rest: unknown[]) {
          answer(rest, () => {
            throw failed('TokenNotAvailable');
          });
        },
      },
      ui: {
        ...dialogs,
        messageParent() {
          throw failed('OperationNotSupported', 'messageParent works inside a dialog only.');
        },
        openBrowserWindow(url: unknown) {
          void transport.call('openBrowserWindow', [url]);
        },
        closeContainer() {
          void transport.call('closeContainer', []);
        },
      },
      mailbox: {
        get item() {
          return hosted?.item ?? null;
        },
        userProfile: person,
        diagnostics: { hostName: 'OutlookWebApp', hostVersion: DIAGNOSTICS.version, OWAView: 'ThreeColumns' },
        ewsUrl: null,
        restUrl: null,
        addHandlerAsync: mailboxHandlers.addHandlerAsync,
        removeHandlerAsync: mailboxHandlers.removeHandlerAsync,
        convertToRestId: (id: string) => id,
        convertToEwsId: (id: string) => id,
        convertToLocalClientTime: (time: Date) => ({ date: time.getDate(), month: time.getMonth(), year: time.getFullYear(), hours: time.getHours(), minutes: time.getMinutes(), seconds: time.getSeconds(), milliseconds: time.getMilliseconds(), timezoneOffset: -time.getTimezoneOffset() }),
        convertToUtcClientTime: (t: { year: number; month: number; date: number; hours: number; minutes: number; seconds: number; milliseconds: number }) => new Date(t.year, t.month, t.date, t.hours, t.minutes, t.seconds, t.milliseconds),
        getUserIdentityTokenAsync(...rest: unknown[]) {
          if (!trailing(rest).callback) throw new TypeError('Sys.ArgumentNullException: callback');
          answer(rest, () => transport.call('identityToken', []));
        },
        getCallbackTokenAsync(...rest: unknown[]) {
          answer(rest, () => {
            throw failed('GenericTokenError', 'Exchange issues no callback tokens here.');
          });
        },
        makeEwsRequestAsync(_data: unknown, ...rest: unknown[]) {
          answer(rest, () => {
            throw failed('OperationNotSupported', 'The playground has no Exchange Web Services.');
          });
        },
        displayMessageForm(itemId: unknown) {
          void transport.call('displayMessage', [itemId]);
        },
        displayMessageFormAsync(itemId: unknown, ...rest: unknown[]) {
          answer(rest, () => transport.call('displayMessage', [itemId]));
        },
        displayNewMessageForm(form: unknown) {
          void transport.call('newMessage', [form]);
        },
        displayNewMessageFormAsync(form: unknown, ...rest: unknown[]) {
          answer(rest, () => transport.call('newMessage', [form]));
        },
        getSelectedItemsAsync(...rest: unknown[]) {
          answer(rest, () => transport.call('selectedItems', []));
        },
      },
    });
  }
  return office;
}

function roamingSettings(transport: Transport, values: Record<string, unknown>) {
  return {
    get: (name: string): unknown => values[name],
    set(name: string, value: unknown) {
      values[name] = value;
    },
    remove(name: string) {
      delete values[name];
    },
    saveAsync(...rest: unknown[]) {
      answer(rest, () => {
        if (JSON.stringify(values).length > ROAMING_CHARACTERS) throw failed('GenericSettingsError', 'Roaming settings hold at most 32 KB.');
        return transport.call('roaming.save', [values]);
      });
    },
  };
}

/** Office.js in a dialog: messageParent and requirement sets. */
export const dialogOffice = (own: Window, opener: Window) =>
  createOffice({ ui: dialogUi(own, opener) }, Promise.resolve({ host: DIAGNOSTICS.host, platform: DIAGNOSTICS.platform }));

/** Opened as a page of its own, there is no host; Office.js says so, and the pane must cope. */
export const noOffice = () => createOffice({}, Promise.resolve({ host: null, platform: null }));
