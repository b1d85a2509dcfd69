/**
 * What Helm computes when the chart is installed. An expression travels through template literals and cdk8s as a token, a short text
 * that stands for it; emit.ts turns the token into `{{ … }}` with the right quotes and indentation.
 */

/** How the result is printed: `name` is text that needs no quotes in YAML, `block` is YAML text of several lines. */
export type Kind = 'text' | 'name' | 'integer' | 'number' | 'boolean' | 'map' | 'list' | 'block';

/** The root of the values: inside a loop it is `$`. */
export type Root = '.' | '$';

const open = '\u27E6';
const close = '\u27E7';
const remembered: unknown[] = [];

/** Matches every token in a text; its group is the number for {@link recall}. */
export const tokens = new RegExp(`${open}(\\d+)${close}`, 'g');

/** A text that stands for a thing. */
export function tokenFor(thing: unknown): string {
  return `${open}${remembered.push(thing) - 1}${close}`;
}

export function recall(number: string): unknown {
  return remembered[Number(number)];
}

/** The thing, if the text is one token and nothing else. */
export function recallWhole(text: string): unknown {
  const number = new RegExp(`^${open}(\\d+)${close}$`).exec(text)?.[1];
  return number === undefined ? undefined : recall(number);
}

/** A pipeline of Go templates that yields a `T`. */
export class Expression<T> {
  /** For the type checker alone: an expression of numbers cannot stand where text is wanted. */
  declare protected readonly result: T;
  readonly #token = tokenFor(this);

  constructor(
    readonly kind: Kind,
    /** The pipeline without its braces. */
    readonly print: (root: Root) => string,
  ) {}

  /** cdk8s calls it on whatever has it. */
  resolve(): string {
    return this.#token;
  }

  toString(): string {
    return this.#token;
  }

  /** To stand among the arguments of a function. */
  argument(root: Root): string {
    const text = this.print(root);
    return text.includes(' ') ? `(${text})` : text;
  }

  not(): Expression<boolean> {
    return new Expression('boolean', (root) => `not ${this.argument(root)}`);
  }

  and(...others: readonly Expression<unknown>[]): Expression<boolean> {
    return new Expression('boolean', (root) => `and ${[this, ...others].map((each) => each.argument(root)).join(' ')}`);
  }

  or(...others: readonly Expression<unknown>[]): Expression<boolean> {
    return new Expression('boolean', (root) => `or ${[this, ...others].map((each) => each.argument(root)).join(' ')}`);
  }

  equals(other: T & (string | boolean)): Expression<boolean> {
    return new Expression('boolean', (root) => `eq ${this.argument(root)} ${JSON.stringify(other)}`);
  }

  /** This, or the other where this is empty. */
  default(other: Expression<T> | (T & (string | boolean))): Expression<T> {
    return new Expression(this.kind, (root) => `${this.print(root)} | default ${operand(other, root)}`);
  }

  /** As text, whatever it is; a list with commas. For annotations and the data of a ConfigMap. */
  asText(): Expression<string> {
    const words: Partial<Record<Kind, string>> = { integer: 'int64 ', list: 'join "," ' };
    const word = words[this.kind];
    return new Expression('text', (root) => (word ? word + this.argument(root) : this.print(root)));
  }
}

function operand(other: unknown, root: Root): string {
  return other instanceof Expression ? other.argument(root) : JSON.stringify(other);
}

/** The sum of whole numbers. */
export function sum(first: Expression<number>, ...others: readonly (Expression<number> | number)[]): Expression<number> {
  return new Expression('integer', (root) => {
    const terms = others.map((other) => (typeof other === 'number' ? String(other) : other.argument(root)));
    return `add ${[first.argument(root), ...terms].join(' ')}`;
  });
}

/** A fact about the release or the cluster: `builtin('Release.Namespace')`. */
export function builtin(path: `${'Release' | 'Chart' | 'Capabilities'}.${string}`): Expression<string> {
  return new Expression('text', (root) => `${root === '$' ? '$' : ''}.${path}`);
}

type Arguments = Readonly<Record<string, Expression<unknown> | string>>;

/** A line of text from a named template; it gets the root, or a dict of the arguments with the root beside them. */
export function include(name: string, args?: Arguments): Expression<string> {
  return new Expression('name', (root) => includeText(name, args, root));
}

/** A map or list, as YAML, from a named template. */
export function includeBlock<T>(name: string, args?: Arguments): Expression<T> {
  return new Expression('block', (root) => includeText(name, args, root));
}

function includeText(name: string, args: Arguments | undefined, root: Root): string {
  if (!args) return `include "${name}" ${root}`;
  const pairs = Object.entries(args).map(([key, value]) => `"${key}" ${operand(value, root)}`);
  return `include "${name}" (dict "root" ${root} ${pairs.join(' ')})`;
}

/** The text of a file of the chart, which is no template itself; with an address in it replaced by another. */
export function fileContent(
  path: string,
  address?: { readonly from: string; readonly to: Expression<string> },
): Expression<string> {
  return new Expression('name', (root) => {
    const replaced = address ? ` | replace "${address.from}" ${address.to.argument(root)}` : '';
    return `${root === '$' ? '$' : ''}.Files.Get "${path}"${replaced} | toJson`;
  });
}

/** A digest of what a named template yields, to roll pods when it changes. */
export function checksum(name: string): Expression<string> {
  return new Expression('name', (root) => `include "${name}" ${root} | sha256sum`);
}
