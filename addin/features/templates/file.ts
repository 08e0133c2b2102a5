/** What the server takes at most, in bytes. */
const MOST_BYTES = 5_000_000;

export class FileProblem extends Error {
  override readonly name = 'FileProblem';
}

/** The parsed text of a file of templates; throws FileProblem in words for the person who chose it. What it holds is the server's to judge. */
export function parseTemplatesFile(text: string): { format?: unknown; version?: unknown; rules?: unknown } {
  if (new TextEncoder().encode(text).length > MOST_BYTES) throw new FileProblem('This file is larger than 5 MB. A file of templates is a few kilobytes.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new FileProblem(`This is not a JSON file: ${error instanceof Error ? error.message : 'it cannot be read'}.`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new FileProblem('This is not a file of Sundial templates.');
  return parsed;
}

export async function readTemplatesFile(file: File): Promise<string> {
  if (file.size > MOST_BYTES) throw new FileProblem('This file is larger than 5 MB. A file of templates is a few kilobytes.');
  return file.text();
}

const WORDS: Readonly<Record<string, string>> = { name: 'Name', templateSubject: 'Subject', templateBody: 'Body', actions: 'Steps', intervalDays: 'days', message: 'text' };

/** Where in a rule of the file something is wrong, in the editor's words: "rules[3].actions[0].intervalDays" is "Step 1, days"; empty for the rule itself. A field that the editor does not show keeps its name. */
export const placeOf = (field: string): string =>
  field.replace(/^rules\[\d+\]\.?/, '').split('.').map((part) => WORDS[part] ?? part.replace(/^actions\[(\d+)\]$/, (_, index: string) => `Step ${Number(index) + 1}`)).join(', ');

/** Hands the text to the browser as a download. Some clients of Outlook keep downloads away and say nothing. */
export function saveAsFile(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // Not at once: the download may begin after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** "sundial-templates.json", or with the rule's name in it. */
export const fileName = (ruleName?: string): string =>
  `sundial-${ruleName ? `${ruleName.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'template'}` : 'templates'}.json`;
