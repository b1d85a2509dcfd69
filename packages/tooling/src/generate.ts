/** `generate.js [--verify] [NAME …]`: writes the generated files, or fails where they are not as they would be written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { generatedDirectories, generators, writtenByHand } from './generators.js';
import { root } from './root.js';

const args = process.argv.slice(2);
const verify = args.includes('--verify');
const names = args.filter((arg) => arg !== '--verify');
const unknown = names.filter((name) => !generators.some((generator) => generator.name === name));

if (unknown.length > 0) {
  console.error(`Not generated: ${unknown.join(', ')}. There are: ${generators.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 1;
} else {
  const chosen = generators.filter(({ name }) => names.length === 0 || names.includes(name));
  const files = (await Promise.all(chosen.map((generator) => generator.files()))).flatMap((each) => Object.entries(each));
  const different = files.filter(([path, content]) => read(path) !== content);
  const stray = names.length === 0 ? strayFiles(new Set([...writtenByHand, ...files.map(([path]) => path)])) : [];
  if (verify) complain(different.map(([path]) => path).concat(stray));
  else update(different, stray);
}

function complain(paths: readonly string[]): void {
  if (paths.length === 0) return;
  console.error(`Out of date (make generate):\n${paths.map((path) => `  ${path}`).join('\n')}`);
  process.exitCode = 1;
}

function update(different: readonly (readonly [path: string, content: string])[], stray: readonly string[]): void {
  for (const [path, content] of different) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`wrote ${path}`);
  }
  for (const path of stray) {
    rmSync(join(root, path));
    console.log(`removed ${path}`);
  }
}

/** Left behind by a generator that is gone or writes elsewhere now. */
function strayFiles(expected: ReadonlySet<string>): string[] {
  return generatedDirectories
    .filter((directory) => existsSync(join(root, directory)))
    .flatMap((directory) =>
      readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name))),
    )
    .filter((path) => !expected.has(path));
}

function read(path: string): string | undefined {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
}
