import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OfficeAddinManifest } from 'office-addin-manifest';
import { describe, expect, it } from 'vitest';
import { allOf, childOf, manifestProblems, readManifest } from '../scripts/manifest-rules.ts';

/** Microsoft's validator needs the internet, so the rules that clients enforce stand in scripts/manifest-rules.ts. */
const root = join(import.meta.dirname, '..');
const path = join(root, 'manifest.xml');
const xml = readFileSync(path, 'utf8');

const app = readManifest(xml)!;
const outer = childOf(app, 'VersionOverrides')!;
const inner = childOf(outer, 'VersionOverrides')!;
const versions = [outer, inner];

describe('the manifest', () => {
  it('is read by Microsoft’s own library as an add-in for mail', async () => {
    const info = await OfficeAddinManifest.readManifestFile(path);
    expect(info.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(info.version).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(info.displayName).toBe('Sundial');
    expect(info.hosts).toEqual(['Mailbox']);
    expect(info.permissions).toBe('ReadWriteItem');
  });

  it('breaks none of the rules', () => {
    expect(manifestProblems(xml)).toEqual([]);
  });

  it('names as its first SourceLocation the URL that identity tokens are issued for', () => {
    const first = allOf(childOf(app, 'FormSettings'), 'SourceLocation')[0]!;
    expect(first.attribs.DefaultValue).toBe('https://localhost:3000/addin/taskpane.html');
  });

  it('opens the pane beside messages and appointments, read and written', () => {
    for (const version of versions) {
      const kinds = allOf(childOf(version, 'Hosts'), 'ExtensionPoint').map((e) => e.attribs['xsi:type']);
      expect(kinds).toEqual(expect.arrayContaining(['MessageReadCommandSurface', 'MessageComposeCommandSurface', 'AppointmentOrganizerCommandSurface', 'AppointmentAttendeeCommandSurface']));
    }
  });

  it('pins beside messages only, and in 1.1 only', () => {
    expect(allOf(childOf(outer, 'Hosts'), 'SupportsPinning')).toEqual([]);
    const pinned = allOf(childOf(inner, 'Hosts'), 'ExtensionPoint').filter((e) => allOf(e, 'SupportsPinning').length);
    expect(pinned.map((e) => e.attribs['xsi:type'])).toEqual(['MessageReadCommandSurface', 'MessageComposeCommandSurface']);
  });

  it('never blocks sending: the send event asks the person, and its handler is in the bundle', () => {
    const events = allOf(inner, 'LaunchEvent').map((e) => e.attribs);
    expect(events).toEqual([
      { Type: 'OnNewMessageCompose', FunctionName: 'onNewMessageCompose' },
      { Type: 'OnMessageSend', FunctionName: 'onMessageSend', SendMode: 'PromptUser' },
    ]);
    const bundle = readFileSync(join(root, 'addin/launchevent/main.ts'), 'utf8');
    for (const event of events) expect(bundle).toContain(`associate('${event.FunctionName}'`);
    expect(allOf(inner, 'ExtendedPermission').map((e) => e.text)).toEqual(['AppendOnSend']);
  });

  it('has every icon it names, in the size it says', () => {
    const urls = [childOf(app, 'IconUrl')!, childOf(app, 'HighResolutionIconUrl')!, ...allOf(app, 'bt:Image')].map((e) => e.attribs.DefaultValue).filter((v) => v !== undefined);
    for (const url of urls) {
      const file = join(root, 'addin/icons', url.split('/').at(-1)!);
      expect(existsSync(file), url).toBe(true);
      const png = readFileSync(file);
      const size = Number(/(\d+)\.png$/.exec(url)![1]);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect([childOf(app, 'IconUrl')!, childOf(app, 'HighResolutionIconUrl')!].map((e) => e.attribs.DefaultValue!.split('/').at(-1))).toEqual(['64.png', '128.png']);
  });

});

describe('the rules', () => {
  /** One change to a good manifest, and what the rules say of it. */
  const broken: [change: string, from: string | RegExp, to: string, said: RegExp][] = [
    ['an element out of order', /(<Id>.*<\/Id>)\s*(<Version>.*<\/Version>)/, '$2$1', /^Id stands too late in OfficeApp/],
    ['an element that is not known', '<DisableEntityHighlighting>', '<Unknown /><DisableEntityHighlighting>', /^OfficeApp may not hold Unknown\./],
    ['no description', /<Description DefaultValue="[^"]*" \/>/, '', /^Description is missing/],
    ['an id that is no GUID', /<Id>.*<\/Id>/, '<Id>sundial</Id>', /^Id is not a GUID/],
    ['a version that is no version', /<Version>.*<\/Version>/, '<Version>one</Version>', /^Version is not/],
    ['a newer requirement set', 'MinVersion="1.5"', 'MinVersion="1.10"', /^Mailbox 1\.10 is required/],
    ['an address without encryption', 'https://localhost:3000/addin/icons/64.png', 'http://localhost:3000/addin/icons/64.png', /^IconUrl http:.* is not an https address/],
    ['a page on a host that is not listed', 'DefaultValue="https://localhost:3000/addin/launchevent.js"', 'DefaultValue="https://elsewhere.test/launchevent.js"', /elsewhere.* is on no AppDomain/],
    ['a domain with a path', '<AppDomain>https://localhost:3000</AppDomain>', '<AppDomain>https://localhost:3000/</AppDomain>', /is not protocol and host alone/],
    ['a resource that is not there', 'resid="JSRuntime.Url"', 'resid="Missing.Url"', /1\.1: Missing\.Url is used and is no resource/],
    ['a resource twice', '<bt:Url id="JSRuntime.Url"', '<bt:Url id="Taskpane.Url"', /the resource Taskpane\.Url stands twice/],
    ['a resource with a long id', '<bt:String id="Group.Label"', `<bt:String id="${'g'.repeat(33)}"`, /has not 1 to 32 characters/],
    ['two buttons with one id', 'id="Compose.Button"', 'id="Read.Button"', /two groups or controls have the id Read\.Button/],
    ['a pinned pane beside a meeting', /(AppointmentAttendeeCommandSurface[\s\S]*?<SourceLocation resid="Taskpane.Url" \/>)(?![\s\S]*AppointmentAttendeeCommandSurface)/, '$1<SupportsPinning>true</SupportsPinning>', /AppointmentAttendeeCommandSurface cannot be pinned/],
    ['a send event that can hold mail back', 'SendMode="PromptUser"', 'SendMode="Block"', /OnMessageSend has the SendMode Block/],
    ['events without a script for classic Outlook', '<Override type="javascript" resid="JSRuntime.Url" />', '', /no Runtime with a script/],
    ['a missing icon on phones', '<bt:Image size="48" scale="3" resid="Icon.48x48" />', '', /Mobile\.Button lacks the icon 48@3/],
    ['a long name', 'DisplayName DefaultValue="Sundial"', `DisplayName DefaultValue="${'S'.repeat(126)}"`, /^DisplayName has more than 125/],
    ['a huge file', '</OfficeApp>', `<!--${' '.repeat(256 * 1024)}--></OfficeApp>`, /more than 262144 bytes/],
  ];
  it.each(broken)('tell of %s', (_, from, to, said) => {
    const changed = xml.replace(from, to);
    expect(changed).not.toBe(xml);
    expect(manifestProblems(changed).join('\n')).toMatch(new RegExp(said.source, 'm'));
  });

  it('tell of a file that is no manifest', () => {
    expect(manifestProblems('{}')).toEqual(['There is no OfficeApp element: this is not a manifest of an add-in.']);
  });
});

const run = (script: string, ...args: string[]) => spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', `scripts/${script}`, ...args], { cwd: root, encoding: 'utf8' });

describe('npm run manifest', () => {
  const out = join(mkdtempSync(join(tmpdir(), 'sundial-')), 'manifest.xml');

  it('writes the manifest of a deployment, and says what the server must be told', async () => {
    const { stdout } = run('manifest.mjs', '--url', 'https://mail.example.org:8443/', '--out', out);
    expect(stdout).toContain('ADDIN_AUDIENCES=https://mail.example.org:8443/addin/taskpane.html');
    const written = readFileSync(out, 'utf8');
    expect(written).not.toContain('localhost');
    expect(manifestProblems(written)).toEqual([]);
    const info = await OfficeAddinManifest.readManifestFile(out);
    expect(info.id).toBe((await OfficeAddinManifest.readManifestFile(path)).id);
    expect(allOf(childOf(readManifest(written), 'FormSettings'), 'SourceLocation')[0]!.attribs.DefaultValue).toBe('https://mail.example.org:8443/addin/taskpane.html');
  });

  it('gives it another identity on request, and writes to the output on request', () => {
    const idOf = (text: string) => childOf(readManifest(text), 'Id')!.text;
    const [one, two] = [1, 2].map(() => run('manifest.mjs', '--url', 'https://a.test', '--id', 'new', '--stdout').stdout);
    expect(new Set([idOf(xml), idOf(one!), idOf(two!)]).size).toBe(3);
    expect(manifestProblems(one!)).toEqual([]);
    const own = '11111111-2222-4333-8444-555555555555';
    expect(idOf(run('manifest.mjs', '--url', 'https://a.test', '--id', own, '--stdout').stdout)).toBe(own);
  });

  it.each([
    [[], /--url is missing/],
    [['--url', 'sundial'], /is no address/],
    [['--url', 'http://a.test'], /Outlook takes https only; write it as https:\/\/a\.test/],
    [['--url', 'https://a.test/sundial'], /at the root of their host; write it as https:\/\/a\.test/],
    [['--url', 'https://a.test/?x=1'], /at the root/],
    [['--url', 'https://me:secret@a.test'], /no password/],
    [['--url', 'https://a.test', '--id', 'x'], /is no GUID/],
    [['--url', 'https://a.test', '--out', '/dev/null/x'], /could not be written/],
    [['https://a.test'], /Unexpected argument[\s\S]*--url https:\/\/host/],
    [['--address', 'https://a.test'], /Unknown option/],
  ])('refuses %j with one line that says what is right', (args, said) => {
    const { status, stderr, stdout } = run('manifest.mjs', ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/\bat .*\.mjs:\d+|:secret@/);
    expect(stdout).toBe('');
  });
});

describe('npm run manifest:validate', () => {
  it('holds a manifest against the rules without the internet', () => {
    expect(run('manifest-validate.mjs', '--offline')).toMatchObject({ status: 0, stdout: expect.stringMatching(/find nothing wrong[\s\S]*was not asked/) });
    expect(run('manifest-validate.mjs', '--offline', 'package.json')).toMatchObject({ status: 1, stderr: expect.stringMatching(/not a manifest/) });
    expect(run('manifest-validate.mjs', 'missing.xml')).toMatchObject({ status: 1, stderr: expect.stringMatching(/missing\.xml cannot be read/) });
  });
});
