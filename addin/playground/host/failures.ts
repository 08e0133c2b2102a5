import type { HostFailure } from '../protocol.ts';

/**
 * The errors of the mailbox API, by the names that its documentation uses. The numbers are those of
 * Outlook's own library; for a name that has none there, that of its nearest kin.
 */
const FAILURES = {
  InvalidFormatError: [9002, 'The format of the data does not fit the body: HTML cannot go into a plain text body.'],
  InternalFormatError: [9002, 'Internal format error.'],
  NumberOfRecipientsExceeded: [9012, 'More than 100 recipients in one call.'],
  DataExceedsMaximumSize: [9031, 'The data is longer than this method takes.'],
  OperationNotSupported: [5000, 'This operation is not supported here.'],
  InternalError: [5001, 'An internal error has occurred.'],
  InvalidSelection: [9016, 'The selection is not in the subject or the body.'],
  GenericTokenError: [9018, 'The Exchange server did not issue a token.'],
  GenericSettingsError: [9019, 'The settings could not be saved.'],
  GenericResponseError: [9020, 'Exchange answered with an error.'],
  SaveError: [9021, 'The item could not be saved.'],
  DuplicateNotificationKey: [9023, 'A notification with this key is shown already.'],
  NotificationKeyNotFound: [9024, 'No notification has this key.'],
  NumberOfNotificationsExceeded: [9025, 'An item shows at most five notifications.'],
  APICallFailedDueToItemChange: [9030, 'The call failed because another item is shown now.'],
  InvalidParameterValueError: [9031, 'A parameter has a value that this method does not take.'],
  ApiCallNotSupportedByExtensionPoint: [9032, 'This method is not available here.'],
  InternalServerError: [9042, 'The server failed.'],
  ItemNotSaved: [9046, 'The item has no id before it is saved.'],
  KeyNotFound: [9050, 'The key was not found.'],
  SessionObjectMaxLengthExceeded: [9051, 'Session data takes at most 50,000 characters.'],
  PermissionDenied: [7000, 'The add-in has no permission for this operation.'],
  TokenNotAvailable: [13012, 'Single sign-on is not available on this platform.'],
} as const satisfies Record<string, readonly [number, string]>;

export type FailureName = keyof typeof FAILURES;

/** A call that fails as Outlook would fail it; becomes `error` of the asynchronous result. */
export class OfficeFailure extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function failed(name: FailureName, message?: string): OfficeFailure {
  const [code, text] = FAILURES[name];
  return new OfficeFailure({ name, code, message: message ?? text });
}

/** The dialog API has numbers only. */
export const dialogFailed = (code: 12004 | 12005 | 12007 | 12011, message: string): OfficeFailure =>
  new OfficeFailure({ name: 'DialogError', code, message });

export const toFailure = (error: unknown): HostFailure =>
  error instanceof OfficeFailure ? error.failure : failed('InternalError', error instanceof Error ? error.message : undefined).failure;
