import { transaction } from '../../db/db.ts';
import { listener } from '../../events/events.ts';
import { detachUserless } from '../accounts/queries.ts';
import { deleteUsersWithoutPrimary } from './queries.ts';

/**
 * A user whose primary account is gone is no user any more. Nobody gets in from that moment on, because
 * every look-up goes by the primary account; here the rest of him is put away.
 */
export const forgetUsersWithoutPrimary = listener({
  name: 'auth.forgetUsersWithoutPrimary',
  hears: ['AccountRemoved'],
  hear: async (deps) => transaction(deps.db, async (trx) => {
    await deleteUsersWithoutPrimary(trx);
    await detachUserless(trx);
  }),
});
