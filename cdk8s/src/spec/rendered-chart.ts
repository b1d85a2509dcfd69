/** A chart in a temporary directory, and what Helm makes of it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { asKubernetes } from '../helm/emit.js';
import type { Files } from '../helm/helm-chart.js';
import { helmProgram } from './helm-program.js';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
  readonly data?: Readonly<Record<string, string>>;
}

export class RenderedChart {
  readonly #directory = mkdtempSync(join(tmpdir(), 'tintype-chart-'));
  readonly #helm = helmProgram();

  constructor(files: Files) {
    for (const [path, content] of Object.entries(files)) this.#write(`chart/${path}`, content);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  lint(values: object = {}) {
    return this.#run(['lint', '--strict', 'chart'], values);
  }

  /** The objects of a release `demo`. */
  render(values: object = {}): KubernetesObject[] {
    return parseObjects(this.renderText(values));
  }

  renderText(values: object = {}): string {
    const { status, stdout, stderr } = this.#template(values);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Why Helm refuses these values. */
  refusal(values: object): string {
    const { status, stderr } = this.#template(values);
    if (status === 0) throw new Error('Helm did not refuse them');
    return stderr;
  }

  #template(values: object) {
    return this.#run(['template', 'demo', 'chart', '--namespace', 'pictures', '--kube-version', 'v1.34.0'], values);
  }

  #run(args: readonly string[], values: object) {
    this.#write('values.yaml', stringify(values, asKubernetes));
    const { status, stdout, stderr, error } = spawnSync(this.#helm, [...args, '--values', 'values.yaml'], {
      cwd: this.#directory,
      encoding: 'utf8',
    });
    if (error) throw error;
    return { status, stdout, stderr };
  }

  #write(path: string, content: string): void {
    const file = join(this.#directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

export function parseObjects(yaml: string): KubernetesObject[] {
  return parseAllDocuments(yaml, asKubernetes).flatMap((document) => {
    if (document.errors.length > 0) throw new AggregateError(document.errors, `This is not YAML:\n${String(document.errors[0])}`);
    const object = document.toJS() as KubernetesObject | null;
    return object ? [object] : [];
  });
}
