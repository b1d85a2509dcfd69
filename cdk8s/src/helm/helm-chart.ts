import { App } from 'cdk8s';
import { stringify } from 'yaml';
import { asKubernetes, emit } from './emit.js';
import { conditionOf, isTemplateFile, type TemplateFile, type Templated } from './manifest.js';
import { type Group, valuesIn } from './values.js';
import { valuesSchema, valuesYaml } from './values-files.js';

/** Text of each file, by its path in the chart. */
export type Files = Readonly<Record<string, string>>;

export interface ChartOptions {
  /** Chart.yaml. */
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
  readonly values: Group;
  /** Files that are no manifests: named templates, NOTES.txt, README.md, dashboards. */
  readonly files: Files;
  /** The first line of every generated file, without a comment sign. */
  readonly origin: string;
}

/** The chart as files. Throws when a value does nothing, or a template reads a value, a named template or a file that does not exist. */
export class HelmChart {
  readonly app = new App();
  readonly #definitions: string[] = [];

  constructor(private readonly options: ChartOptions) {}

  /** A named template that yields a map, to be included in more than one place. */
  define(name: string, body: Readonly<Record<string, Templated<string>>>): void {
    this.#definitions.push(`{{- define "${name}" -}}\n${emit(body)}{{- end }}\n`);
  }

  render(): Files {
    const { metadata, values, files, origin } = this.options;
    const comment = `{{- /* ${origin} */ -}}\n`;
    const templates = Object.fromEntries(
      this.app.charts.filter(isTemplateFile).map((file) => [`templates/${file.path}`, comment + fileText(file)]),
    );
    const rendered = {
      'Chart.yaml': `# ${origin}\n${stringify(metadata, asKubernetes)}`,
      'values.yaml': `# ${origin}\n${valuesYaml(values)}`,
      'values.schema.json': valuesSchema(values, metadata.name),
      ...templates,
      'templates/_definitions.tpl': `${comment}${this.#definitions.join('\n')}`,
      ...files,
    };
    checkReferences(values, rendered);
    return rendered;
  }
}

function fileText(file: TemplateFile): string {
  return withoutSorting(() =>
    file.apiObjects
      .map((object) => {
        const yaml = `---\n${emit(object.toJson() as object)}`;
        const condition = conditionOf(object);
        return condition ? `{{- if ${condition.print('.')} }}\n${yaml}{{- end }}\n` : yaml;
      })
      .join(''),
  );
}

/** cdk8s would sort the keys of every map, which nobody wants to read; only the environment tells it not to. */
function withoutSorting<T>(work: () => T): T {
  process.env['CDK8S_DISABLE_SORT'] = '1';
  try {
    return work();
  } finally {
    delete process.env['CDK8S_DISABLE_SORT'];
  }
}

function checkReferences(values: Group, files: Files): void {
  const all = Object.entries(files)
    .filter(([path]) => path.startsWith('templates/'))
    .map(([, content]) => content)
    .join('\n');
  const declared = valuesIn(values).map(({ path }) => path);
  const read = matches(all, /\.Values\.([\w.]+)/g);
  const defined = matches(all, /define "([^"]+)"/g);
  const faults = [
    ...declared.filter((path) => !read.some((used) => within(path, used))).map((path) => `The value ${path} does nothing`),
    ...read
      .filter((used) => !declared.some((path) => within(path, used) || within(used, path)))
      .map((used) => `The value ${used} is read but not declared`),
    ...matches(all, /include "([^"]+)"/g)
      .filter((name) => !defined.includes(name))
      .map((name) => `The template ${name} is included but not defined`),
    ...matches(all, /Files\.Get "([^"]+)"/g)
      .filter((path) => !(path in files))
      .map((path) => `The file ${path} is read but not in the chart`),
  ];
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

function matches(content: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(content.matchAll(pattern), ([, found = '']) => found))];
}

/** Whether a value is another one, or lies in it. */
function within(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}.`);
}
