// npm run sideload: the add-in from this checkout in a real Outlook. Starts Sundial behind HTTPS with a
// development certificate, writes a manifest for it and hands that to office-addin-debugging. Both of
// Microsoft's tools are run by npx with a fixed version: they are large, and wanted here only.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listenHttps } from './https-front.ts';
import { audienceOf, manifestFor } from './manifest-text.mjs';
import { ensureBuilt, ensureInstalled, fail, nodeBinary, root, serverArguments, step } from './setup.mjs';

const DEV_CERTS = 'office-addin-dev-certs@3.0.0';
const DEBUGGING = 'office-addin-debugging@5.1.6';
const USAGE = `npm run sideload [-- --outlook windows|none] [--port 3443] [--cert file --key file]

  --outlook  windows starts classic Outlook with the add-in in it; none serves the add-in and writes its
             manifest, for every other Outlook. If not said: windows on Windows, else none
  --port     where HTTPS listens on this machine
  --cert     a certificate for localhost and its --key, in PEM form, instead of Microsoft's development ones`;
const START_MS = 120_000;

const options = readOptions();
const manifest = join(root, 'dist', 'manifest.sideload.xml');
const origin = `https://localhost:${options.port}`;

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({ options: {
      outlook: { type: 'string', default: process.platform === 'win32' ? 'windows' : 'none' }, port: { type: 'string', default: '3443' },
      cert: { type: 'string' }, key: { type: 'string' }, help: { type: 'boolean' },
    } }));
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(`--port ${values.port} is no port; write a number such as 3443.`);
  if (!['windows', 'none'].includes(values.outlook)) fail(`--outlook ${values.outlook} is not windows or none.`);
  if (values.outlook === 'windows' && process.platform !== 'win32') fail('--outlook windows needs Windows: Microsoft’s tool puts add-ins into classic Outlook only. Leave it out and add the manifest by hand.');
  if ((values.cert === undefined) !== (values.key === undefined)) fail('--cert and --key belong together: a certificate for localhost and its private key.');
  return { ...values, port };
}

/** The certificate and key for localhost: the given ones, or Microsoft's, made and trusted where that is not done yet. */
function certificate() {
  const read = (path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      return fail(`The certificate cannot be read: ${error.message}`);
    }
  };
  if (options.cert) return { cert: read(options.cert), key: read(options.key) };
  const folder = join(homedir(), '.office-addin-dev-certs');
  step(`Development certificates (npx ${DEV_CERTS}; it asks before this computer trusts them)`);
  const { status } = npx([DEV_CERTS, 'install', '--days', '365']);
  const [cert, key] = [join(folder, 'localhost.crt'), join(folder, 'localhost.key')];
  if (!existsSync(cert) || !existsSync(key)) fail(`${DEV_CERTS} made no certificate in ${folder}. Without the internet give one of your own: --cert and --key.`);
  if (status !== 0) step('The certificate is made, but this computer does not trust it yet; Outlook shows an empty pane until it does.');
  return { cert: read(cert), key: read(key) };
}

const npx = (args) => spawnSync('npx', ['--yes', ...args], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });

/** A port that is free now; the server behind HTTPS has no other use for a fixed one. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function startServer(port, smtpPort) {
  const settings = existsSync(join(root, '.env')) ? ['--env-file=.env'] : [];
  const env = {
    ...process.env,
    PORT: String(port), PUBLIC_URL: origin, TRUSTED_PROXIES: 'loopback',
    SMTP_PORT: process.env.SMTP_PORT ?? String(smtpPort),
    ADDIN_AUDIENCES: [process.env.ADDIN_AUDIENCES, audienceOf(origin)].filter(Boolean).join(' '),
    DATA_DIR: process.env.DATA_DIR ?? join(root, 'data', 'sideload'),
  };
  mkdirSync(env.DATA_DIR, { recursive: true });
  return spawn(nodeBinary(), [...settings, ...serverArguments], { cwd: root, stdio: 'inherit', env });
}

async function isReady(port, child) {
  for (const end = Date.now() + START_MS; Date.now() < end && child.exitCode === null;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return false;
}

await ensureInstalled();
await ensureBuilt();
const pem = certificate();
const [port, smtpPort] = [await freePort(), await freePort()];
const https = await listenHttps(pem, port).catch((error) => fail(error.code === 'EADDRINUSE'
  ? `Port ${options.port} is in use; choose another one with --port.`
  : `HTTPS cannot start: ${error.message}. --cert and --key are a certificate and its key in PEM form.`));
writeFileSync(manifest, manifestFor(origin));
const server = startServer(port, smtpPort);
let handedOver = false;
const stop = (code) => {
  if (handedOver) npx([DEBUGGING, 'stop', manifest]);
  https.closeAllConnections();
  https.close();
  server.kill('SIGTERM');
  process.exitCode = code;
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop(0));
server.once('exit', (code) => stop(code ?? 1));

const BY_HAND = 'Add dist/manifest.sideload.xml by hand: open https://aka.ms/olksideload, My add-ins, Custom add-ins, Add from file. Ctrl-C ends.';

if (await isReady(port, server)) {
  step(`HTTPS on ${origin}, manifest in dist/manifest.sideload.xml`);
  if (options.outlook === 'windows') {
    step(`Outlook (npx ${DEBUGGING})`);
    handedOver = npx([DEBUGGING, 'start', manifest, 'desktop', '--app', 'outlook', '--no-debug']).status === 0;
  }
  step(handedOver ? 'Ctrl-C ends and takes the add-in out of Outlook again.' : BY_HAND);
} else if (server.exitCode === null) {
  console.error('Sundial did not become ready within two minutes.');
  stop(1);
}
