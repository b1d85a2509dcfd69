/**
 * Small copies of the checkout, each with a mistake in it, compiled side by side and checked by their own specs. The sources of a copy
 * stand where the compiled files stand in the checkout, and are compiled in place.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Contents {
  /** Folders of packages and services whose sources it has. The others it takes from the checkout, as they were built. */
  readonly rooms: readonly string[];
  /** Whether it has their specs, too. */
  readonly specs?: boolean;
  /** Files and folders that specs look into. */
  readonly files?: readonly string[];
}

/** What the compiler has against a copy. */
export interface Diagnostic {
  /** As in the checkout: `packages/monitoring/src/alerts.ts`. */
  readonly file: string;
  readonly message: string;
}

export interface Check {
  /** As in the checkout. */
  readonly specs: readonly string[];
  /** A part of the name of the test that should fail, or of why a spec should not even begin. */
  readonly fails?: string;
}

export class Copies {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tintype-copies-'));
  #added = 0;

  constructor() {
    link(join(checkout, 'node_modules'), join(this.#directory, 'node_modules'));
    writeFileSync(join(this.#directory, 'package.json'), '{ "type": "module" }');
  }

  add(name: string, { rooms, specs = false, files = [] }: Contents): Copy {
    const root = join(this.#directory, name);
    this.#added += 1;
    for (const room of rooms) {
      const filter = (path: string): boolean => specs || !/\.spec\.ts$|\/spec$/.test(path);
      cpSync(join(checkout, room, 'src'), join(root, compiled(join(room, 'src'))), { recursive: true, filter });
      const manifest = JSON.parse(readFileSync(join(checkout, room, 'package.json'), 'utf8')) as { readonly name: string };
      // Of packages of one name and version the compiler reads only one.
      const version = `0.0.${this.#added}`;
      writeFileSync(join(root, room, 'package.json'), JSON.stringify({ ...manifest, version }));
      // Of what it does not share with the others.
      link(join(checkout, room, 'node_modules'), join(root, room, 'node_modules'));
      link(join(root, room), join(root, 'node_modules', manifest.name));
    }
    for (const path of files) cpSync(join(checkout, path), join(root, path), { recursive: true });
    return new Copy(root);
  }

  /** Compiles all of them, those with errors too, and resolves with the errors by the names of the copies. */
  compile(): ReadonlyMap<string, readonly Diagnostic[]> {
    const options = {
      extends: join(checkout, 'tsconfig.base.json'),
      compilerOptions: {
        composite: false,
        declarationMap: false,
        incremental: false,
        rootDir: '.',
        outDir: '.',
        tsBuildInfoFile: null,
      },
      include: ['*/packages/*/dist', '*/services/*/dist'],
      // Otherwise the directory of the output.
      exclude: [],
    };
    writeFileSync(join(this.#directory, 'tsconfig.json'), JSON.stringify(options));
    const tsc = join(checkout, 'node_modules/typescript/bin/tsc');
    const { stdout, stderr } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], {
      cwd: this.#directory,
      encoding: 'utf8',
    });
    const found = [...stdout.matchAll(/^([^/\n]+)\/(\S+)\(\d+,\d+\): error (.*(?:\n .*)*)/gm)];
    if (stderr || (stdout && found.length === 0)) throw new Error(stderr || stdout);
    const diagnostics = new Map<string, Diagnostic[]>();
    for (const [, copy = '', path = '', message = ''] of found)
      diagnostics.set(copy, [...(diagnostics.get(copy) ?? []), { file: asInCheckout(path), message }]);
    return diagnostics;
  }

  /** Runs those tests in the copies that are named, and resolves with what failed there: names of tests, or why a spec could not begin. */
  failures(checks: Readonly<Record<string, Check>>): ReadonlyMap<string, readonly string[]> {
    const all = Object.entries(checks);
    const config = {
      runner: 'jest-light-runner',
      transform: {},
      testMatch: all.flatMap(([copy, { specs }]) =>
        specs.map((spec) => join(this.#directory, copy, compiled(spec).replace(/\.ts$/, '.js'))),
      ),
      // All copies of a package have its name.
      modulePathIgnorePatterns: ['/package.json$'],
    };
    const report = join(this.#directory, 'report.json');
    writeFileSync(join(this.#directory, 'jest.config.json'), JSON.stringify(config));
    const jest = join(checkout, 'node_modules/jest/bin/jest.js');
    const args = ['--config', 'jest.config.json', '--json', '--outputFile', report, '--testNamePattern', patternOf(all)];
    const { stderr } = spawnSync(process.execPath, [jest, ...args], { cwd: this.#directory, encoding: 'utf8' });
    if (!existsSync(report)) throw new Error(stderr);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
    const failures = new Map<string, string[]>(all.map(([copy]) => [copy, []]));
    for (const { name, message, assertionResults } of testResults) {
      const [copy = ''] = relative(this.#directory, name).split('/');
      const failed = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
      failures.get(copy)?.push(...(assertionResults.length === 0 ? [message] : failed));
    }
    return failures;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

/** What Jest tells of a run. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export class Copy {
  constructor(private readonly root: string) {}

  /** Puts another text in the place of one that must be there. */
  change(file: string, from: string | RegExp, to: string): void {
    const path = join(this.root, compiled(file));
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${from}: make the mistake in another place`);
    writeFileSync(path, after);
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.root, compiled(file)), text);
  }

  delete(file: string): void {
    rmSync(join(this.root, compiled(file)));
  }
}

/** Where the compiled form of a source stands. */
function compiled(path: string): string {
  return path.replace(/^((?:packages|services)\/[^/]+)\/src/, '$1/dist');
}

function asInCheckout(path: string): string {
  return path.replace(/^((?:packages|services)\/[^/]+)\/dist/, '$1/src');
}

/** Of all tests that are to be run. */
function patternOf(checks: readonly (readonly [copy: string, check: Check])[]): string {
  const parts = new Set(checks.flatMap(([, { fails }]) => fails ?? []));
  return [...parts].map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
}

function link(to: string, at: string): void {
  if (!existsSync(to)) return;
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(to, at);
}
