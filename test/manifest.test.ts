import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OfficeAddinManifest } from 'office-addin-manifest';
import { parseDocument } from 'htmlparser2';
import { describe, expect, it } from 'vitest';

/**
 * Microsoft's validator needs the internet, so the rules that clients enforce stand here: the order of
 * elements (a sequence in the schema), ids, references, lengths and sizes.
 */
const root = join(import.meta.dirname, '..');
const path = join(root, 'manifest.xml');
const xml = readFileSync(path, 'utf8');

interface Element {
  readonly name: string;
  readonly attribs: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

type Parsed = ReturnType<typeof parseDocument>['children'][number];

function read(node: Parsed): Element[] {
  if (node.type !== 'tag') return [];
  const children = node.children.flatMap((c) => read(c as Parsed));
  const text = node.children.map((c) => (c.type === 'text' ? (c as { data: string }).data : '')).join('').trim();
  return [{ name: node.name, attribs: node.attribs, children, text }];
}

const app = parseDocument(xml, { xmlMode: true }).children.flatMap(read).find((e) => e.name === 'OfficeApp')!;
const child = (element: Element, name: string): Element => element.children.find((c) => c.name === name)!;
const all = (element: Element, name: string): Element[] => element.children.flatMap((c) => [...(c.name === name ? [c] : []), ...all(c, name)]);
const names = (element: Element): string[] => element.children.map((c) => c.name);
/** Children stand in the order of the schema; each may be missing. */
const inOrder = (found: readonly string[], order: readonly string[]): boolean => {
  const places = found.map((name) => order.indexOf(name));
  return places.every((place, i) => place >= 0 && place >= (places[i - 1] ?? 0));
};

const outer = child(app, 'VersionOverrides');
const inner = child(outer, 'VersionOverrides');
const versions = [['1.0', outer], ['1.1', inner]] as const;

describe('the manifest', () => {
  it('is read by Microsoft’s own library as an add-in for mail', async () => {
    const info = await OfficeAddinManifest.readManifestFile(path);
    expect(info.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(info.version).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(info.displayName).toBe('Sundial');
    expect(info.hosts).toEqual(['Mailbox']);
    expect(info.permissions).toBe('ReadWriteItem');
  });

  it('is a MailApp with its elements in the order of the schema', () => {
    expect(app.attribs['xsi:type']).toBe('MailApp');
    expect(inOrder(names(app), ['Id', 'AlternateId', 'Version', 'ProviderName', 'DefaultLocale', 'DisplayName', 'Description', 'IconUrl', 'HighResolutionIconUrl', 'SupportUrl', 'AppDomains', 'Hosts', 'Requirements', 'FormSettings', 'Permissions', 'Rule', 'DisableEntityHighlighting', 'VersionOverrides'])).toBe(true);
  });

  it('holds 1.1 inside 1.0, each in its namespace and in the order of the schema', () => {
    expect(outer.attribs).toMatchObject({ xmlns: 'http://schemas.microsoft.com/office/mailappversionoverrides', 'xsi:type': 'VersionOverridesV1_0' });
    expect(inner.attribs).toMatchObject({ xmlns: 'http://schemas.microsoft.com/office/mailappversionoverrides/1.1', 'xsi:type': 'VersionOverridesV1_1' });
    for (const [, version] of versions) {
      expect(inOrder(names(version), ['Description', 'Requirements', 'Hosts', 'Resources', 'ExtendedPermissions', 'VersionOverrides'])).toBe(true);
      for (const host of all(child(version, 'Hosts'), 'Host')) expect(inOrder(names(host), ['Runtimes', 'DesktopFormFactor', 'MobileFormFactor'])).toBe(true);
      expect(names(child(version, 'Resources'))).toEqual(['bt:Images', 'bt:Urls', 'bt:ShortStrings', 'bt:LongStrings']);
    }
  });

  it('asks for no more than Mailbox 1.5, so that Exchange on premises takes it', () => {
    const asked = [...all(app, 'Set').map((s) => s.attribs.MinVersion), ...all(app, 'bt:Sets').map((s) => s.attribs.DefaultMinVersion), ...all(app, 'bt:Set').map((s) => s.attribs.MinVersion)];
    for (const version of asked.filter((v) => v !== undefined)) expect(Number(version)).toBeLessThanOrEqual(1.5);
    expect(asked.length).toBeGreaterThan(0);
  });

  it('names as its first SourceLocation the URL that identity tokens are issued for', () => {
    const first = all(child(app, 'FormSettings'), 'SourceLocation')[0]!;
    expect(first.attribs.DefaultValue).toBe('https://localhost:3000/addin/taskpane.html');
  });

  it('opens the pane beside messages and appointments, read and written', () => {
    for (const [, version] of versions) {
      const kinds = all(child(version, 'Hosts'), 'ExtensionPoint').map((e) => e.attribs['xsi:type']);
      expect(kinds).toEqual(expect.arrayContaining(['MessageReadCommandSurface', 'MessageComposeCommandSurface', 'AppointmentOrganizerCommandSurface', 'AppointmentAttendeeCommandSurface']));
    }
  });

  it('pins beside messages only, and in 1.1 only', () => {
    expect(all(child(outer, 'Hosts'), 'SupportsPinning')).toEqual([]);
    const pinned = all(child(inner, 'Hosts'), 'ExtensionPoint').filter((e) => all(e, 'SupportsPinning').length);
    expect(pinned.map((e) => e.attribs['xsi:type'])).toEqual(['MessageReadCommandSurface', 'MessageComposeCommandSurface']);
  });

  it('never blocks sending: the send event asks the person, and its handler is in the bundle', () => {
    const events = all(inner, 'LaunchEvent').map((e) => e.attribs);
    expect(events).toEqual([
      { Type: 'OnNewMessageCompose', FunctionName: 'onNewMessageCompose' },
      { Type: 'OnMessageSend', FunctionName: 'onMessageSend', SendMode: 'PromptUser' },
    ]);
    const bundle = readFileSync(join(root, 'addin/launchevent/main.ts'), 'utf8');
    for (const event of events) expect(bundle).toContain(`associate('${event.FunctionName}'`);
    expect(all(inner, 'ExtendedPermission').map((e) => e.text)).toEqual(['AppendOnSend']);
  });

  it.each(versions)('%s refers only to resources that it has, with ids of at most 32 characters', (_, version) => {
    const own = child(version, 'Resources');
    const ids = own.children.flatMap((kind) => kind.children.map((c) => c.attribs.id!));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id.length).toBeLessThanOrEqual(32);
    const used = [child(version, 'Hosts')].flatMap((host) => referenced(host));
    expect(used.filter((id) => !ids.includes(id))).toEqual([]);
    expect(ids.filter((id) => !used.includes(id) && !/^Icon\.(25|48)/.test(id))).toEqual([]);
  });

  it('gives every group and control an id of its own within a version', () => {
    for (const [, version] of versions) {
      const ids = ['Group', 'Control'].flatMap((name) => all(child(version, 'Hosts'), name).map((e) => e.attribs.id!));
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('keeps texts within what clients show, and the file under 256 KB', () => {
    expect(xml.length).toBeLessThan(256 * 1024);
    expect(child(app, 'DisplayName').attribs.DefaultValue!.length).toBeLessThanOrEqual(125);
    expect(child(app, 'Description').attribs.DefaultValue!.length).toBeLessThanOrEqual(250);
    for (const text of all(app, 'bt:String')) expect(text.attribs.DefaultValue!.length).toBeLessThanOrEqual(text.attribs.id!.endsWith('Tooltip') ? 250 : 125);
  });

  it('has every icon it names, in the size it says', () => {
    const urls = [child(app, 'IconUrl'), child(app, 'HighResolutionIconUrl'), ...all(app, 'bt:Image')].map((e) => e.attribs.DefaultValue).filter((v) => v !== undefined);
    for (const url of urls) {
      const file = join(root, 'addin/icons', url.split('/').at(-1)!);
      expect(existsSync(file), url).toBe(true);
      const png = readFileSync(file);
      const size = Number(/(\d+)\.png$/.exec(url)![1]);
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect([child(app, 'IconUrl'), child(app, 'HighResolutionIconUrl')].map((e) => e.attribs.DefaultValue!.split('/').at(-1))).toEqual(['64.png', '128.png']);
  });

  it('lists domains as clients compare them: protocol and host, no path', () => {
    for (const domain of all(app, 'AppDomain')) expect(domain.text).toMatch(/^https:\/\/[^/*]+$/);
    for (const value of xml.match(/https:\/\/localhost:3000[^"<]*/g)!) expect(value.startsWith('https://localhost:3000')).toBe(true);
  });

  it('is rewritten for another server by one command', async () => {
    const said = execFileSync(process.execPath, ['scripts/manifest.mjs', 'https://mail.example.org/x', '--new-id'], { cwd: root, encoding: 'utf8' });
    expect(said).toContain('ADDIN_AUDIENCES=https://mail.example.org/addin/taskpane.html');
    const out = join(root, 'dist/manifest.xml');
    const written = readFileSync(out, 'utf8');
    expect(written).not.toContain('localhost');
    expect((await OfficeAddinManifest.readManifestFile(out)).id).not.toBe((await OfficeAddinManifest.readManifestFile(path)).id);
  });
});

function referenced(element: Element): string[] {
  return [...(element.attribs.resid ? [element.attribs.resid] : []), ...element.children.flatMap(referenced)];
}
