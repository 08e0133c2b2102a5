import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseConfig } from '../../server/config.ts';
import { startSundial, type Sundial } from '../../server/sundial.ts';
import { freePort } from './port.ts';

export interface RunningPlayground {
  readonly url: string;
  readonly sundial: Sundial;
  stop(): Promise<void>;
}

/** The whole server as `npm start` runs it, in playground mode on free ports over a fresh data directory, with the built pages. */
export async function startPlaygroundServer(): Promise<RunningPlayground> {
  const built = spawnSync(process.execPath, ['-e', 'import("./scripts/setup.mjs").then((m) => m.ensureBuilt())'], { cwd: join(import.meta.dirname, '../..'), encoding: 'utf8' });
  if (built.status !== 0) throw new Error(`The add-in could not be built: ${built.stdout}${built.stderr}`);
  const dataDir = mkdtempSync(join(tmpdir(), 'sundial-playground-'));
  // The port is part of every address the server makes, so it must be known before it listens.
  const port = await freePort();
  const config = parseConfig({ SUNDIAL_MODE: 'playground', PORT: String(port), SMTP_PORT: '0', DATA_DIR: dataDir });
  const sundial = await startSundial(config, pino({ level: process.env.TEST_LOG ?? 'silent' }));
  return {
    url: config.publicUrl,
    sundial,
    async stop() {
      await sundial.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
