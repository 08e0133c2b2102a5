import { accountsContract } from './features/accounts/contract.ts';
import { authContract } from './features/auth/contract.ts';
import { bookingContract } from './features/booking/contract.ts';
import { reservationsContract } from './features/booking/reservations.contract.ts';
import { calendarContract } from './features/calendar/contract.ts';
import { draftsContract } from './features/email/drafts.contract.ts';
import { foldersContract } from './features/email/folders.contract.ts';
import { messagesContract } from './features/email/messages.contract.ts';
import { followupContract } from './features/followup/contract.ts';
import { templatesContract } from './features/followup/templates.contract.ts';
import { statsContract } from './features/stats/contract.ts';
import { trackingContract } from './features/tracking/contract.ts';
import { userContract } from './features/user/contract.ts';
import type { Operation } from './http/operation.ts';

/** The whole wire contract, feature by feature; the add-in imports its type. */
export const contract = {
  auth: authContract,
  user: userContract,
  accounts: accountsContract,
  messages: messagesContract,
  drafts: draftsContract,
  folders: foldersContract,
  tracking: trackingContract,
  followup: followupContract,
  templates: templatesContract,
  stats: statsContract,
  calendar: calendarContract,
  booking: bookingContract,
  reservations: reservationsContract,
} as const;

/** For typed clients, which read nothing else of the server. */
export type { RequestOf, ResponseOf } from './http/operation.ts';

export type SundialContract = typeof contract;

export const operations: readonly Operation[] = Object.values(contract).flatMap((feature) => Object.values(feature));
