import type { AccountTables } from './tables/accounts.ts';
import type { AuthTables } from './tables/auth.ts';
import type { BookingTables } from './tables/booking.ts';
import type { CalendarTables } from './tables/calendar.ts';
import type { FollowupTables } from './tables/followup.ts';
import type { MailTables } from './tables/mail.ts';
import type { PlatformTables } from './tables/platform.ts';
import type { TrackingTables } from './tables/tracking.ts';

/** Every table; each group belongs to one feature's queries. */
export interface Tables
  extends PlatformTables, AccountTables, AuthTables, MailTables, TrackingTables, FollowupTables, CalendarTables, BookingTables {}
