/** A value is declared once: values.yaml, values.schema.json, the table of the README and the references in templates follow. */
import { z } from 'zod';
import { Expression, type Kind } from './expression.js';

/** JSON Schema, draft 7, as Helm checks it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Value<T> {
  readonly kind: Kind;
  readonly default: T;
  readonly doc: string;
  readonly schema: Schema;
}

export interface Group<Children = Readonly<Record<string, Declaration>>> {
  readonly doc: string;
  readonly children: Children;
}

export type Declaration = Value<unknown> | Group;

export function isGroup(declaration: Declaration): declaration is Group {
  return 'children' in declaration;
}

export function group<const Children extends Readonly<Record<string, Declaration>>>(
  doc: string,
  children: Children,
): Group<Children> {
  return { doc, children };
}

export function text(value: string, doc: string, constraints: Schema = {}): Value<string> {
  return { kind: 'text', default: value, doc, schema: { type: 'string', ...constraints } };
}

/** The first is the default. */
export function choice<const T extends string>(options: readonly [T, ...T[]], doc: string): Value<T> {
  return { kind: 'name', default: options[0], doc, schema: { type: 'string', enum: options } };
}

export function integer(value: number, doc: string, constraints: Schema = {}): Value<number> {
  return { kind: 'integer', default: value, doc, schema: { type: 'integer', ...constraints } };
}

/** More than 0 and less than 1. */
export function share(value: number, doc: string): Value<number> {
  return { kind: 'number', default: value, doc, schema: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 } };
}

export function flag(value: boolean, doc: string): Value<boolean> {
  return { kind: 'boolean', default: value, doc, schema: { type: 'boolean' } };
}

export function map<T extends object = Record<string, string>>(value: T, doc: string, constraints: Schema = {}): Value<T> {
  return { kind: 'map', default: value, doc, schema: { type: 'object', ...constraints } };
}

export function list<E>(value: E[], doc: string, items: Schema): Value<E[]> {
  return { kind: 'list', default: value, doc, schema: { type: 'array', items } };
}

/** What a setting of a service can be. */
export type SettingValue = string | number | boolean | readonly string[];

/** A setting of a service, with the type, limits, default and description that the service has for it; empty is unset. */
export function setting<T extends SettingValue | undefined>(schema: z.ZodType<T>): Value<NonNullable<T>> {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  const limits = Object.fromEntries(
    Object.entries(json).filter(([keyword, limit]) => constraints.has(keyword) && !isUnlimited(limit)),
  );
  const isUnset = json.default === undefined;
  return {
    kind: settingKinds.get(json.type) ?? 'text',
    default: (isUnset ? '' : json.default) as NonNullable<T>,
    doc: json.description ?? '',
    schema: isUnset ? { anyOf: [limits, { const: '' }] } : limits,
  };
}

/** What services say about their settings besides is not for JSON Schema. */
const constraints: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'items',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
]);

const settingKinds: ReadonlyMap<unknown, Kind> = new Map([
  ['integer', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
  ['array', 'list'],
]);

/** `z.int()` declares the safe integers as its limits. */
function isUnlimited(limit: unknown): boolean {
  return limit === Number.MAX_SAFE_INTEGER || limit === Number.MIN_SAFE_INTEGER;
}

/** A typed reference to each value; `all` of a group is the map of its values. */
export type References<D> =
  D extends Value<infer T>
    ? Expression<T>
    : D extends Group<infer Children>
      ? { readonly [K in keyof Children]: References<Children[K]> } & { readonly all: Expression<object> }
      : never;

export function references<Children extends Readonly<Record<string, Declaration>>>(
  values: Group<Children>,
): References<Group<Children>> {
  return referencesUnder(values, []) as References<Group<Children>>;
}

function referencesUnder(values: Group, path: readonly string[]): object {
  const children = Object.entries(values.children).map(([name, child]) => {
    const here = [...path, name];
    return [name, isGroup(child) ? referencesUnder(child, here) : reference(child.kind, here)] as const;
  });
  return { ...Object.fromEntries(children), all: reference('map', path) };
}

function reference(kind: Kind, path: readonly string[]): Expression<unknown> {
  return new Expression(kind, (root) => [`${root === '$' ? '$' : ''}.Values`, ...path].join('.'));
}

/** Every value with its path, in the order of declaration. */
export function valuesIn(values: Group, path: readonly string[] = []): { path: string; value: Value<unknown> }[] {
  return Object.entries(values.children).flatMap(([name, child]) => {
    const here = [...path, name];
    return isGroup(child) ? valuesIn(child, here) : [{ path: here.join('.'), value: child }];
  });
}
