import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statfsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { needsDataDir } from '../../assemble.ts';
import type { Config } from '../../config.ts';
import { readCertificate } from '../../net/smtp-in.ts';
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts';

const PAGES = join(import.meta.dirname, '../../../dist/addin/taskpane.html');
const MB = 1024 * 1024;

/** This machine: Node, the built pane, the data directory, its disk, the ports. */
export async function checkHost(config: Config): Promise<Finding[]> {
  const node = Number(process.versions.node.split('.')[0]);
  return [
    node >= 24 ? ok('node', `Node ${process.versions.node}`) : fail('node', `Node ${process.versions.node} is too old.`, 'Use Node 24, as npm start and the container image do.'),
    existsSync(PAGES) ? ok('pane', 'The add-in\'s pages are built.') : fail('pane', 'The add-in\'s pages are not built.', 'Run npm run build.'),
    ...checkDataDir(config),
    await checkPort('http port', 'PORT', config.host, config.port),
    ...(config.role === 'worker' ? [] : [await checkPort('smtp port', 'SMTP_PORT', config.smtp.host, config.smtp.port), ...checkCertificate(config.smtp.tls)]),
  ];
}

function checkCertificate(tls: Config['smtp']['tls']): Finding[] {
  if (!tls) return [];
  const check = 'smtp certificate';
  try {
    const { validTo, subject } = new X509Certificate(readCertificate(tls).cert);
    const days = Math.floor((Date.parse(validTo) - Date.now()) / 86_400_000);
    const says = `${subject}: good until ${validTo}.`;
    const todo = 'Renew it; the server takes the new files up within an hour.';
    return [days < 0 ? fail(check, says, todo) : days < 14 ? warn(check, says, todo) : ok(check, says)];
  } catch (error) {
    return [fail(check, `It cannot be used (${reasonOf(error)}).`, 'Set SMTP_TLS_CERT and SMTP_TLS_KEY to a certificate and its key in PEM form.')];
  }
}

function checkDataDir(config: Config): Finding[] {
  if (!needsDataDir(config)) return [];
  try {
    mkdirSync(config.dataDir, { recursive: true });
    accessSync(config.dataDir, constants.W_OK);
  } catch (error) {
    return [fail('data directory', `${config.dataDir} cannot be written (${reasonOf(error)}).`, 'Give it to the user that runs the server, or set DATA_DIR.')];
  }
  const { bavail, bsize } = statfsSync(config.dataDir);
  const free = Math.round(bavail * bsize / MB);
  const says = `${config.dataDir}: ${free} MB free.`;
  if (free < 200) return [fail('disk', says, 'Make room now: mail is put off with 452 when the disk is full.')];
  return [free < 2048 ? warn('disk', says, 'Make room soon; mail and opens are kept there.') : ok('disk', says)];
}

async function checkPort(check: string, setting: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return ok(check, `${setting}=0 takes any free port.`);
  const heard = await connect(['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host, port);
  if (heard === undefined) return ok(check, `Nothing listens on ${port} now; the server may take it.`);
  if (check === 'http port' || heard.includes('Sundial')) return ok(check, `${port} is in use, by the running server as it seems.`);
  return warn(check, `Something that is not Sundial listens on ${port}.`, `Stop it, or set ${setting} to another one.`);
}

/** What is said first on a port within a moment; undefined where nobody listens. */
function connect(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    const end = (heard: string | undefined): void => {
      socket.destroy();
      resolve(heard);
    };
    socket.once('error', () => end(undefined));
    socket.once('data', (data) => end(data.toString('latin1')));
    socket.setTimeout(1000, () => end(''));
  });
}
