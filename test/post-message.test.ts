import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { RESULT_SCRIPT } from '../server/features/auth/pages.ts';

/** Whoever may speak to a window, and who hears what it says: read from the syntax tree of every file that runs in a browser. */
const root = join(import.meta.dirname, '..');
const files = [
  ...readdirSync(join(root, 'addin'), { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name)).map((name) => ({ name, text: readFileSync(join(root, 'addin', name), 'utf8') })),
  { name: 'result.js', text: RESULT_SCRIPT },
];

function calls(file: { name: string; text: string }, wanted: (name: string) => boolean): ts.CallExpression[] {
  const found: ts.CallExpression[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && wanted(ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText())) found.push(node);
    node.forEachChild(walk);
  };
  walk(ts.createSourceFile(file.name, file.text, ts.ScriptTarget.Latest, true, file.name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS));
  return found;
}

/** The text of the function that an argument is, or names. */
function bodyOf(argument: ts.Expression, file: ts.SourceFile, depth = 0): string {
  if (!ts.isIdentifier(argument)) {
    const text = argument.getText();
    // `(event) => void heard(event)`: what it calls is part of it.
    const called = depth < 2 ? /=>\s*(?:void\s+)?([A-Za-z]\w*)\(/.exec(text)?.[1] : undefined;
    return called ? text + declared(called, file, depth) : text;
  }
  return declared(argument.text, file, depth);
}

function declared(name: string, file: ts.SourceFile, depth: number): string {
  let found = '';
  const walk = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer) found ||= bodyOf(node.initializer, file, depth + 1);
    if (ts.isFunctionDeclaration(node) && node.name?.text === name) found ||= node.getText();
    node.forEachChild(walk);
  };
  walk(file);
  return found;
}

describe('messages between windows', () => {
  it('are sent to an origin that is named, never to *', () => {
    const sent = files.flatMap((file) => calls(file, (name) => name === 'postMessage').map((call) => ({ where: `${file.name}: ${call.getText()}`, target: call.arguments[1]?.getText() })));
    expect(sent.length).toBeGreaterThan(4);
    expect(sent.filter(({ target }) => target === undefined || /['"`][*/]/.test(target) || target.startsWith('{'))).toEqual([]);
    const named = new Set(['location.origin', 'own.location.origin', 'window.location.origin', 'origin']);
    expect(sent.filter(({ target }) => !named.has(target!))).toEqual([]);
  });

  it('are heard from one window and one origin only', () => {
    const deaf: string[] = [];
    let listeners = 0;
    for (const file of files) {
      for (const call of calls(file, (name) => name === 'addEventListener')) {
        if (call.arguments[0]?.getText() !== "'message'") continue;
        listeners++;
        const body = bodyOf(call.arguments[1]!, call.getSourceFile());
        if (!/event\.source !== /.test(body) || !/event\.origin !== /.test(body)) deaf.push(`${file.name}: ${call.getText()}`);
      }
      if (/\bonmessage\s*=/.test(file.text)) deaf.push(`${file.name}: onmessage`);
    }
    expect(listeners).toBeGreaterThan(3);
    expect(deaf).toEqual([]);
  });

  it('of Office\'s dialogs name the parent\'s origin, and the parent checks who spoke', () => {
    const spoken = files.filter((f) => f.name.startsWith('office/')).flatMap((file) => calls(file, (name) => name === 'messageParent').map((call) => `${file.name}: ${call.getText()}`));
    expect(spoken.filter((call) => !call.includes('targetOrigin: location.origin'))).toEqual([]);
    expect(spoken).toHaveLength(1);
    const heard = files.find((f) => f.name === 'office/dialog.ts')!.text;
    expect(heard).toContain('event.origin !== location.origin');
  });
});
