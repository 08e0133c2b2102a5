// npm run sundial -- <command>: the operator's commands, on the same settings as npm start.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, nodeBinary, root } from './setup.mjs';

await ensureInstalled();
const settings = existsSync(join(root, '.env')) ? ['--env-file=.env'] : [];
const { status } = spawnSync(nodeBinary(), [...settings, join(root, 'server/cli/main.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
