/**
 * What can go wrong between the pane and Outlook, as one closed set, each with what the person can do.
 * Office's own codes are numbers that differ between clients; screens never see them.
 */
export type OfficeErrorCode =
  | 'office.timeout'
  | 'office.noHost'
  | 'office.unsupported'
  | 'office.failed'
  | 'item.changed'
  | 'item.none'
  | 'body.format'
  | 'size.exceeded'
  | 'identity.unavailable'
  | 'identity.network'
  | 'dialog.blocked'
  | 'dialog.ignored'
  | 'dialog.open'
  | 'dialog.closed'
  | 'dialog.failed';

const ADVICE: Record<OfficeErrorCode, string> = {
  'office.timeout': 'Outlook didn’t answer. Reload the pane.',
  'office.noHost': 'Open Sundial from a message in Outlook.',
  'office.unsupported': 'This version of Outlook doesn’t offer it.',
  'office.failed': 'Outlook refused it. Try again.',
  'item.changed': 'Another message was chosen meanwhile.',
  'item.none': 'Choose one message.',
  'body.format': 'The message is plain text, which can’t hold it.',
  'size.exceeded': 'The message is too long for it.',
  'identity.unavailable': 'This mailbox’s server doesn’t issue identity tokens to add-ins. Ask its administrator whether it is Exchange on premises with add-in tokens on.',
  'identity.network': 'Outlook couldn’t reach the mailbox’s server. Check the connection, then try again.',
  'dialog.blocked': 'Allow pop-ups for this site.',
  'dialog.ignored': 'Outlook asked whether to open a window and got no for an answer.',
  'dialog.open': 'A sign-in window is open already. Finish or close it first.',
  'dialog.closed': 'The window was closed.',
  'dialog.failed': 'The sign-in window couldn’t be opened.',
};

export class OfficeError extends Error {
  override readonly name = 'OfficeError';
  readonly code: OfficeErrorCode;
  /** One sentence for the person in front of the pane. */
  readonly advice: string;
  /** Office's own number, for the details that a person may copy. */
  readonly nativeCode: number | undefined;

  constructor(code: OfficeErrorCode, detail?: string, nativeCode?: number) {
    super(detail ?? ADVICE[code]);
    this.code = code;
    this.advice = ADVICE[code];
    this.nativeCode = nativeCode;
  }
}

/** Office's numbers that have a meaning of their own; all else is `office.failed`. */
const BY_NUMBER: Readonly<Record<number, OfficeErrorCode>> = {
  5000: 'office.unsupported',
  9006: 'body.format',
  9017: 'identity.unavailable',
  9018: 'identity.unavailable',
  9020: 'identity.network',
  12004: 'dialog.failed',
  12006: 'dialog.closed',
  12007: 'dialog.open',
  12009: 'dialog.ignored',
  12011: 'dialog.blocked',
};

const BY_NAME: Readonly<Record<string, OfficeErrorCode>> = {
  InvalidFormatError: 'body.format',
  DataExceedsMaximumSize: 'size.exceeded',
  GenericTokenError: 'identity.unavailable',
  NetworkError: 'identity.network',
  HTTPRequestFailure: 'identity.network',
  OperationNotSupported: 'office.unsupported',
};

export function officeError(error: { code?: number; name?: string; message?: string } | undefined): OfficeError {
  const code = (error?.name && BY_NAME[error.name]) || (error?.code !== undefined && BY_NUMBER[error.code]) || 'office.failed';
  return new OfficeError(code, error?.message, error?.code);
}
