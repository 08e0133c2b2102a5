// npm start: installs and builds what is missing, then runs the server until it is told to stop.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, nodeBinary, root, serverArguments, step } from './setup.mjs';

await ensureInstalled();
await ensureBuilt();
step('Starting Sundial');
const settings = existsSync(join(root, '.env')) ? ['--env-file=.env'] : [];
const server = spawn(nodeBinary(), [...settings, ...serverArguments], { cwd: root, stdio: 'inherit' });
// The terminal sends Ctrl-C to the server as well; a supervisor signals only this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
