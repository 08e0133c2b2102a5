import { transaction } from '../../server/db/db.ts';
import { createTestApp } from '../support/app.ts';
import { describeProvider } from './conformance.ts';

describeProvider('hosted', async () => {
  const app = await createTestApp();
  return {
    provider: app.deps.providers.of('Hosted'),
    async mailbox() {
      const { account } = await app.account();
      return { id: account.id, email: account.email, name: account.name, timezone: account.timezone };
    },
    transaction: (work) => transaction(app.deps.db, work),
    settle: async () => void await app.drain(),
    close: () => app.close(),
  };
});
