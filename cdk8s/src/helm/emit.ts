/**
 * Prints a manifest as the YAML of a Helm template. The tree is known here, so every indentation is counted and never typed, and no
 * text is repaired afterwards.
 */
import { stringify } from 'yaml';
import { type Branches, type Directive, directiveOf } from './directives.js';
import { Expression, recall, recallWhole, type Root, tokens } from './expression.js';

type Entries = readonly (readonly [key: string, value: unknown])[];

interface Place {
  readonly indent: number;
  readonly root: Root;
}

/** Kubernetes reads YAML 1.1, where `yes` and `on` are booleans unless they are quoted. */
export const asKubernetes = { version: '1.1', lineWidth: 0 } as const;

/** Ends with a line break. */
export function emit(manifest: object, indent = 0): string {
  return `${linesOf(manifest, { indent, root: '.' }).join('\n')}\n`;
}

function linesOf(node: unknown, place: Place): string[] {
  if (Array.isArray(node)) return node.flatMap((item: unknown) => itemLines(item, place));
  if (isMap(node)) return inOrder(Object.entries(node)).flatMap(([key, value]) => entryLines(key, value, place));
  throw new Error(`A ${typeof node} cannot stand where a map or a list is expected`);
}

function entryLines(key: string, value: unknown, place: Place): string[] {
  const directive = directiveOf(key);
  if (directive) return directiveLines(directive, value, place);
  const head = `${spaces(place)}${keyText(key, place)}:`;
  const expression = expressionOf(value);
  if (expression && isStructure(expression)) return [head, mergeLine(expression, deeper(place))];
  if (expression) return [`${head} ${expressionText(expression, place)}`];
  if (Array.isArray(value)) return value.length > 0 ? [head, ...linesOf(value, deeper(place))] : [`${head} []`];
  if (isMap(value)) return Object.keys(value).length > 0 ? [head, ...linesOf(value, deeper(place))] : [`${head} {}`];
  return [`${head} ${scalarText(value, place)}`];
}

function directiveLines(directive: Directive, body: unknown, place: Place): string[] {
  const { kind, subject, name } = directive;
  switch (kind) {
    case 'if': {
      const branches = body as Branches;
      const otherwise = branches.otherwise ? [`${spaces(place)}{{- else }}`, ...linesOf(branches.otherwise, place)] : [];
      return block(`if ${subject.print(place.root)}`, [...linesOf(branches.body, place), ...otherwise], place);
    }
    case 'range':
      return block(`range ${name} := ${subject.print(place.root)}`, linesOf(body, { ...place, root: '$' }), place);
    case 'with': {
      const { indent } = deeper(place);
      const head = `${spaces(place)}${name}:`;
      const lines = isStructure(subject)
        ? [head, `${spaces(deeper(place))}{{- toYaml . | nindent ${indent} }}`]
        : [`${head} {{ ${{ text: 'quote .', integer: 'int64 .' }[String(subject.kind)] ?? '.'} }}`];
      return block(`with ${subject.print(place.root)}`, lines, place);
    }
    case 'merge':
      if (subject.kind === 'block') return [mergeLine(subject, place)];
      return block(`with ${subject.print(place.root)}`, [`${spaces(place)}{{- toYaml . | nindent ${place.indent} }}`], place);
  }
}

function itemLines(item: unknown, place: Place): string[] {
  const expression = expressionOf(item);
  if (expression) return [`${spaces(place)}- ${expressionText(expression, place)}`];
  if (!isMap(item)) return [`${spaces(place)}- ${scalarText(item, place)}`];
  const [only, ...more] = Object.entries(item);
  const directive = only && more.length === 0 ? directiveOf(only[0]) : undefined;
  if (only && directive?.kind === 'merge') return directiveLines(directive, only[1], place);
  if (only && directive) return directiveLines(directive, asItems(directive, only[1]), place);
  const lines = linesOf(item, deeper(place));
  const [first = '', ...rest] = lines;
  if (first.trimStart().startsWith('{{-')) throw new Error('A list item must begin with an entry that is always there');
  return [`${spaces(place)}- ${first.trimStart()}`, ...rest];
}

/** What is repeated or conditional in a list are items of it. */
function asItems({ kind }: Directive, body: unknown): unknown {
  if (kind !== 'if') return [body].flat();
  const branches = body as Branches;
  return {
    body: [branches.body].flat(),
    ...(branches.otherwise !== undefined && { otherwise: [branches.otherwise].flat() }),
  } satisfies Branches;
}

function block(head: string, body: readonly string[], place: Place): string[] {
  return [`${spaces(place)}{{- ${head} }}`, ...body, `${spaces(place)}{{- end }}`];
}

function mergeLine(expression: Expression<unknown>, place: Place): string {
  const yaml = expression.kind === 'block' ? expression.print(place.root) : `toYaml ${expression.argument(place.root)}`;
  return `${spaces(place)}{{- ${yaml} | nindent ${place.indent} }}`;
}

function expressionText(expression: Expression<unknown>, { root }: Place): string {
  switch (expression.kind) {
    case 'integer':
      // Helm reads every number as a floating one, and would print 26214400 as 2.62144e+07.
      return `{{ int64 ${expression.argument(root)} }}`;
    case 'text':
      return `{{ ${expression.print(root)} | quote }}`;
    case 'map':
    case 'list':
    case 'block':
      throw new Error('A map or a list cannot be an item of a list: merge it, or give it a key');
    default:
      return `{{ ${expression.print(root)} }}`;
  }
}

function scalarText(value: unknown, place: Place): string {
  if (typeof value !== 'string') return stringify(value, asKubernetes).trim();
  if (value.includes('\n')) return linesText(value, place);
  if (value.match(tokens)) return mixedText(value, place);
  return withBracesKept(stringify(value, asKubernetes).trim());
}

/** Text of several lines, or of one that ends with a line break, stands as it is, without quotes. */
function linesText(value: string, place: Place): string {
  const lines = value
    .trimEnd()
    .split('\n')
    .map((line) =>
      partsOf(line)
        .map((part) => (typeof part === 'string' ? withBracesKept(part) : mixedPart(part, place.root)))
        .join(''),
    );
  return ['|-', ...lines.map((line) => (line ? `${spaces(deeper(place))}${line}` : ''))].join('\n');
}

function partsOf(value: string): (string | Expression<unknown>)[] {
  return value.split(tokens).map((part, index) => (index % 2 === 0 ? part : expressionIn(recall(part))));
}

/** Text with expressions in it. A name with ordinary text around it needs no quotes; anything else gets them. */
function mixedText(value: string, { root }: Place): string {
  const parts = partsOf(value);
  const isName = parts.every((part) => (typeof part === 'string' ? /^[a-z0-9-]*$/.test(part) : part.kind === 'name'));
  if (isName && typeof parts[0] === 'string' && parts[0] === '') return parts.map((part) => mixedPart(part, root)).join('');
  return `"${parts.map((part) => (typeof part === 'string' ? withBracesKept(JSON.stringify(part).slice(1, -1)) : mixedPart(part, root))).join('')}"`;
}

function mixedPart(part: string | Expression<unknown>, root: Root): string {
  if (typeof part === 'string') return part;
  return part.kind === 'integer' ? `{{ int64 ${part.argument(root)} }}` : `{{ ${part.print(root)} }}`;
}

function expressionIn(thing: unknown): Expression<unknown> {
  if (thing instanceof Expression) return thing;
  throw new Error('Only an expression can stand inside a text');
}

function expressionOf(value: unknown): Expression<unknown> | undefined {
  const thing = typeof value === 'string' ? recallWhole(value) : value;
  return thing instanceof Expression ? thing : undefined;
}

function keyText(key: string, place: Place): string {
  const expression = expressionOf(key);
  if (expression) return expressionText(expression, place);
  return /^[\w./-]+$/.test(key) ? key : JSON.stringify(key);
}

/** What Prometheus and others put in double braces is not for Helm. */
function withBracesKept(text: string): string {
  return text.replaceAll(/\{\{[^`]*?\}\}/g, (braces) => `{{\`${braces}\`}}`);
}

const metadataOrder = ['name', 'namespace', 'labels', 'annotations'];

/** What is merged comes first, for literal entries to follow; and cdk8s sorts the metadata, which people read name first. */
function inOrder(entries: Entries): Entries {
  const isMetadata = entries.some(([key]) => key === 'name') && entries.some(([key]) => key === 'labels');
  const sorted = isMetadata ? entries.toSorted(([a], [b]) => rank(a) - rank(b)) : entries;
  return [...sorted.filter(([key]) => isMerge(key)), ...sorted.filter(([key]) => !isMerge(key))];
}

function isMerge(key: string): boolean {
  const directive = directiveOf(key);
  return directive?.kind === 'merge' && directive.subject.kind === 'block';
}

function rank(key: string): number {
  const directive = directiveOf(key);
  const position = metadataOrder.indexOf(directive?.kind === 'with' ? directive.name : key);
  return position < 0 ? metadataOrder.length : position;
}

function isStructure(expression: Expression<unknown>): boolean {
  return expression.kind === 'map' || expression.kind === 'list' || expression.kind === 'block';
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node) && !(node instanceof Expression);
}

function deeper({ indent, root }: Place): Place {
  return { indent: indent + 2, root };
}

function spaces({ indent }: Place): string {
  return ' '.repeat(indent);
}
