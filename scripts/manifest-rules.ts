import { parseDocument } from 'htmlparser2';

/**
 * What Outlook and Exchange ask of an add-in-only manifest (MS-OWEMXML and Microsoft's documentation),
 * as far as it can be seen without Microsoft's own service: for `npm run manifest:validate` and the tests.
 */
const MOST_BYTES = 256 * 1024;
const V10 = 'http://schemas.microsoft.com/office/mailappversionoverrides';
const V11 = `${V10}/1.1`;
/** Children are a sequence in the schema; each may be missing. */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  OfficeApp: ['Id', 'AlternateId', 'Version', 'ProviderName', 'DefaultLocale', 'DisplayName', 'Description', 'IconUrl', 'HighResolutionIconUrl', 'SupportUrl', 'AppDomains', 'Hosts', 'Requirements', 'FormSettings', 'Permissions', 'Rule', 'DisableEntityHighlighting', 'VersionOverrides'],
  VersionOverrides: ['Description', 'Requirements', 'Hosts', 'Resources', 'ExtendedPermissions', 'WebApplicationInfo', 'VersionOverrides'],
  Host: ['Runtimes', 'DesktopFormFactor', 'MobileFormFactor'],
  DesktopFormFactor: ['SupportsSharedFolders', 'FunctionFile', 'ExtensionPoint'],
  MobileFormFactor: ['ExtensionPoint'],
  Resources: ['bt:Images', 'bt:Urls', 'bt:ShortStrings', 'bt:LongStrings'],
  DesktopSettings: ['SourceLocation', 'RequestedHeight'],
  Action: ['SourceLocation', 'FunctionName', 'SupportsPinning'],
};
const REQUIRED = ['Id', 'Version', 'ProviderName', 'DefaultLocale', 'DisplayName', 'Description', 'IconUrl', 'HighResolutionIconUrl', 'SupportUrl', 'Hosts', 'Requirements', 'FormSettings', 'Permissions', 'Rule'];
const TEXT_LIMITS = { DisplayName: 125, Description: 250, ProviderName: 125 };
const MOST_REQUIRED_SET = 5;
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export interface Element {
  readonly name: string;
  readonly attribs: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

type Parsed = ReturnType<typeof parseDocument>['children'][number];

function read(node: Parsed): Element[] {
  if (node.type !== 'tag') return [];
  const text = node.children.map((c) => (c.type === 'text' ? (c as { data: string }).data : '')).join('').trim();
  return [{ name: node.name, attribs: node.attribs, children: node.children.flatMap((c) => read(c as Parsed)), text }];
}

/** The OfficeApp element; undefined where the text is no manifest. */
export const readManifest = (xml: string): Element | undefined => parseDocument(xml, { xmlMode: true }).children.flatMap(read).find((e) => e.name === 'OfficeApp');
export const childOf = (element: Element | undefined, name: string): Element | undefined => element?.children.find((c) => c.name === name);
export const allOf = (element: Element | undefined, name: string): Element[] => element ? element.children.flatMap((c) => [...(c.name === name ? [c] : []), ...allOf(c, name)]) : [];
const everything = (element: Element): Element[] => [element, ...element.children.flatMap(everything)];
const valueOf = (element: Element | undefined): string => element?.attribs.DefaultValue ?? element?.text ?? '';
const isThere = <T>(value: T | undefined): value is T => value !== undefined;

/** What is wrong with a manifest, one sentence each; empty where nothing is found. */
export function manifestProblems(xml: string): string[] {
  const app = readManifest(xml);
  if (!app) return ['There is no OfficeApp element: this is not a manifest of an add-in.'];
  const outer = childOf(app, 'VersionOverrides');
  const inner = childOf(outer, 'VersionOverrides');
  return [
    ...headProblems(xml, app), ...orderProblems(app), ...addressProblems(app), ...requirementProblems(app),
    ...(outer ? versionProblems(outer, 'VersionOverrides 1.0', 'VersionOverridesV1_0', V10) : []),
    ...(inner ? [...versionProblems(inner, 'VersionOverrides 1.1', 'VersionOverridesV1_1', V11), ...eventProblems(inner)] : []),
  ];
}

function headProblems(xml: string, app: Element): string[] {
  const missing = REQUIRED.filter((name) => !childOf(app, name));
  const long = Object.entries(TEXT_LIMITS).filter(([name, limit]) => valueOf(childOf(app, name)).length > limit);
  return [
    ...(Buffer.byteLength(xml) > MOST_BYTES ? [`The file has more than ${MOST_BYTES} bytes.`] : []),
    ...(app.attribs['xsi:type'] === 'MailApp' ? [] : ['OfficeApp has not the xsi:type MailApp.']),
    ...missing.map((name) => `${name} is missing.`),
    ...(missing.includes('Id') || GUID.test(valueOf(childOf(app, 'Id'))) ? [] : ['Id is not a GUID.']),
    ...(missing.includes('Version') || /^\d+(\.\d+){1,3}$/.test(valueOf(childOf(app, 'Version'))) ? [] : ['Version is not two to four numbers with dots.']),
    ...long.map(([name, limit]) => `${name} has more than ${limit} characters.`),
  ];
}

function orderProblems(app: Element): string[] {
  return everything(app).flatMap(({ name, children }) => {
    const order = ORDER[name];
    // Hosts stands for two things; only that of an override has form factors.
    if (!order || (name === 'Host' && !children.length)) return [];
    const unknown = children.filter((c) => !order.includes(c.name)).map((c) => `${name} may not hold ${c.name}.`);
    if (unknown.length) return unknown;
    const places = children.map((c) => order.indexOf(c.name));
    const late = children.find((_, i) => places[i]! < (places[i - 1] ?? 0));
    return late ? [`${late.name} stands too late in ${name}; the order is ${order.join(', ')}.`] : [];
  });
}

function addressProblems(app: Element): string[] {
  const addressed = everything(app).filter((e) => e.attribs.DefaultValue !== undefined && /^(IconUrl|HighResolutionIconUrl|SupportUrl|SourceLocation|bt:Image|bt:Url)$/.test(e.name));
  const plain = addressed.filter((e) => !URL.canParse(e.attribs.DefaultValue!) || new URL(e.attribs.DefaultValue!).protocol !== 'https:');
  const domains = allOf(app, 'AppDomain').map((e) => e.text);
  const pages = addressed.filter((e) => /^(SourceLocation|bt:Url)$/.test(e.name) && !plain.includes(e));
  return [
    ...plain.map((e) => `${e.name} ${e.attribs.DefaultValue} is not an https address.`),
    ...domains.filter((d) => !/^https:\/\/[^/*?#@\s]+$/.test(d)).map((d) => `AppDomain ${d} is not protocol and host alone.`),
    ...pages.filter((e) => !domains.includes(new URL(e.attribs.DefaultValue!).origin)).map((e) => `${e.attribs.DefaultValue} is on no AppDomain.`),
  ];
}

/** Exchange on premises installs nothing that asks for more; what is newer is asked for at run time. */
function requirementProblems(app: Element): string[] {
  const asked = everything(app).flatMap((e) => [e.attribs.MinVersion, e.attribs.DefaultMinVersion]).filter(isThere);
  return asked.filter((v) => Number(v.split('.')[0]) !== 1 || Number(v.split('.')[1] ?? 0) > MOST_REQUIRED_SET)
    .map((v) => `Mailbox ${v} is required; Exchange on premises takes at most 1.${MOST_REQUIRED_SET}.`);
}

function versionProblems(version: Element, called: string, type: string, namespace: string): string[] {
  const ids = (childOf(version, 'Resources')?.children ?? []).flatMap((kind) => kind.children.map((c) => c.attribs.id ?? ''));
  const own = [childOf(version, 'Description'), childOf(version, 'Hosts')].filter(isThere).flatMap(everything);
  const used = own.map((e) => e.attribs.resid).filter(isThere);
  const named = own.filter((e) => /^(Group|Control)$/.test(e.name)).map((e) => e.attribs.id ?? '');
  const repeated = (all: readonly string[]): string[] => [...new Set(all.filter((id, i) => all.indexOf(id) !== i))];
  const pinned = allOf(childOf(version, 'Hosts'), 'ExtensionPoint').filter((e) => allOf(e, 'SupportsPinning').length);
  return [
    ...(version.attribs['xsi:type'] === type && version.attribs.xmlns === namespace ? [] : [`${called} has not the type ${type} in ${namespace}.`]),
    ...repeated(ids).map((id) => `${called}: the resource ${id} stands twice.`),
    ...ids.filter((id) => id.length < 1 || id.length > 32).map((id) => `${called}: the resource id "${id}" has not 1 to 32 characters.`),
    ...used.filter((id) => !ids.includes(id)).map((id) => `${called}: ${id} is used and is no resource.`),
    ...repeated(named).map((id) => `${called}: two groups or controls have the id ${id}.`),
    ...allOf(version, 'bt:String').filter((s) => (s.attribs.DefaultValue ?? '').length > 250).map((s) => `${called}: the text ${s.attribs.id} has more than 250 characters.`),
    ...pinned.filter((e) => !/^Message(Read|Compose)CommandSurface$/.test(e.attribs['xsi:type'] ?? '')).map((e) => `${called}: ${e.attribs['xsi:type']} cannot be pinned, only messages can.`),
    ...(pinned.length && type === 'VersionOverridesV1_0' ? [`${called}: SupportsPinning needs 1.1.`] : []),
    ...mobileProblems(version, called),
  ];
}

/** Outlook on phones refuses the whole form factor for one icon that is missing. */
function mobileProblems(version: Element, called: string): string[] {
  return allOf(version, 'MobileFormFactor').flatMap((mobile) => allOf(mobile, 'Control')).flatMap((control) => {
    const icons = allOf(control, 'bt:Image').map((e) => `${e.attribs.size}@${e.attribs.scale}`);
    const missing = [25, 32, 48].flatMap((size) => [1, 2, 3].map((scale) => `${size}@${scale}`)).filter((icon) => !icons.includes(icon));
    return [
      ...(control.attribs['xsi:type'] === 'MobileButton' ? [] : [`${called}: ${control.attribs.id} on phones is no MobileButton.`]),
      ...missing.map((icon) => `${called}: ${control.attribs.id} lacks the icon ${icon}.`),
    ];
  });
}

function eventProblems(inner: Element): string[] {
  const events = allOf(inner, 'LaunchEvent');
  const onSend = events.filter((e) => e.attribs.Type === 'OnMessageSend' || e.attribs.Type === 'OnAppointmentSend');
  const runtimes = allOf(inner, 'Runtime');
  return [
    ...events.filter((e) => !e.attribs.FunctionName).map((e) => `The event ${e.attribs.Type} has no FunctionName.`),
    ...onSend.filter((e) => e.attribs.SendMode !== 'PromptUser').map((e) => `${e.attribs.Type} has the SendMode ${e.attribs.SendMode ?? 'SoftBlock'}: with PromptUser alone a person can always send.`),
    ...(events.length && !runtimes.some((r) => allOf(r, 'Override').some((o) => o.attribs.type === 'javascript')) ? ['There are events and no Runtime with a script for classic Outlook on Windows.'] : []),
  ];
}
