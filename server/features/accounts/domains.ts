import { sql } from 'kysely';
import { transaction, type Database } from '../../db/db.ts';
import { AppError, invalid } from '../../errors.ts';
import { hostedAccountsOf, removeStoredDomain, storeDomain, storedDomains } from './queries.ts';

/** The mail domains whose mailboxes live here: those of HOSTED_DOMAINS, and those added beside the running server. */
export interface HostedDomains {
  /** As they are now; lower case. */
  readonly all: readonly string[];
  stop(): Promise<void>;
}

const CHANNEL = 'sundial_domains';

export async function openDomains(database: Database, settings: readonly string[]): Promise<HostedDomains> {
  let all: readonly string[] = settings;
  const read = async (): Promise<void> => {
    all = [...new Set([...settings, ...await storedDomains(database.db)])];
  };
  // Listening first: what is added between the two is read.
  const stop = await database.listen(CHANNEL, () => {
    // A notification that could not be followed leaves the list as it was until the next one or the next start.
    read().catch(() => {});
  });
  await read();
  return {
    get all() {
      return all;
    },
    stop,
  };
}

/** False where it was there already. Running processes on the same database take its mail from now on. */
export async function addDomain({ db }: Pick<Database, 'db'>, domain: string): Promise<boolean> {
  return transaction(db, async (trx) => {
    const added = await storeDomain(trx, domain.toLowerCase());
    await sql`select pg_notify(${CHANNEL}, '')`.execute(trx);
    return added;
  });
}

/** Throws where the settings name it, where it is not there, and while it has mailboxes: their mail would be refused. */
export async function removeDomain({ db }: Pick<Database, 'db'>, settings: readonly string[], domain: string): Promise<void> {
  const name = domain.toLowerCase();
  if (settings.includes(name)) throw invalid('domain', `${name} stands in HOSTED_DOMAINS; take it out there and start the server again.`);
  await transaction(db, async (trx) => {
    const mailboxes = await hostedAccountsOf(trx, name);
    if (mailboxes) throw invalid('domain', `${name} has ${mailboxes} mailboxes, whose mail would be refused; delete them first.`);
    if (!await removeStoredDomain(trx, name)) throw new AppError('notFound', `The domain ${name} was not found.`);
    await sql`select pg_notify(${CHANNEL}, '')`.execute(trx);
  });
}
