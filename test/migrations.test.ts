import { expect, it } from 'vitest';
import { migrationNames } from '../server/db/migrate.ts';

/** Those that databases in use have run already, in this order. */
const LANDED = [
  '0001_platform', '0010_accounts', '0020_auth', '0030_mail', '0040_tracking', '0050_followup', '0060_calendar', '0070_booking', '0090_idempotency', '0100_followup_optouts',
  '0110_followup_counted_from',
];

it('new migrations come behind those that have landed, or a database in use would not open again', () => {
  expect(migrationNames.slice(0, LANDED.length)).toEqual(LANDED);
});
