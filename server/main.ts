import { setFlagsFromString } from 'node:v8';
import { StartError } from './assemble.ts';
import { ConfigError, parseConfig } from './config.ts';
import { KeyRingError } from './lib/keyring.ts';
import { createLogger } from './log.ts';
import { startSundial, type Sundial } from './sundial.ts';

// A heap of some 60 MB would else be let grow to several times that before what is dead in it is collected.
setFlagsFromString('--heap-growing-percent=50');

/** The process: settings in, one line for each step out, and a clean end on SIGTERM and SIGINT. */
try {
  const config = parseConfig(process.env);
  const log = createLogger(process.env.LOG_LEVEL ? config.logLevel : config.mode === 'playground' ? 'warn' : 'info');
  const sundial = await startSundial(config, log, (step) => console.log(`  ${step}`));
  endOnSignal(sundial);
  if (sundial.application?.newSecret) {
    console.log(`\n  The first application, for clients of the API (the secret is shown this once):\n    client id      ${sundial.application.clientId}\n    client secret  ${sundial.application.newSecret}`);
  }
  console.log(config.role === 'worker' ? '\n  Sundial is ready: this worker runs the jobs\n' : `\n  Sundial is ready: open ${config.publicUrl}/\n`);
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartError || error instanceof KeyRingError;
  console.error(known ? `Sundial did not start. ${error.message}` : error);
  process.exit(1);
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
