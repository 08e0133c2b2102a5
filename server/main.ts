import { accessSync, constants, mkdirSync } from 'node:fs';
import { pino } from 'pino';
import { ConfigError, parseConfig } from './config.ts';
import { KeyRingError } from './lib/keyring.ts';
import { startSundial, StartError, type Sundial } from './sundial.ts';

/** The process: settings in, one line for each step out, and a clean end on SIGTERM and SIGINT. */
const REDACT = ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.token', '*.secret', '*.clientSecret', '*.accessToken'];

try {
  const config = parseConfig(process.env);
  makeDataDir(config.dataDir);
  const log = pino({ level: process.env.LOG_LEVEL ? config.logLevel : config.mode === 'playground' ? 'warn' : 'info', redact: REDACT });
  const sundial = await startSundial(config, log, (step) => console.log(`  ${step}`));
  endOnSignal(sundial);
  if (sundial.application.newSecret) {
    console.log(`\n  The first application, for clients of the API (the secret is shown this once):\n    client id      ${sundial.application.clientId}\n    client secret  ${sundial.application.newSecret}`);
  }
  console.log(`\n  Sundial is ready: open ${config.publicUrl}/\n`);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartError || error instanceof KeyRingError;
  console.error(known ? `Sundial did not start. ${error.message}` : error);
  process.exit(1);
}

function makeDataDir(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new StartError(`The data directory ${path} cannot be used (${(error as Error).message}); set DATA_DIR to one that this user may write to.`);
  }
}

function endOnSignal(sundial: Sundial): void {
  let asked = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      sundial.stop().then(() => process.exit(0), (error: unknown) => {
        console.error(error);
        process.exit(1);
      });
    });
  }
}
