/** Conditions and loops around parts of a manifest. They ride through cdk8s as a key that is a token. */
import { Expression, recallWhole, tokenFor } from './expression.js';

export class Directive {
  constructor(
    readonly kind: 'if' | 'with' | 'merge' | 'range',
    readonly subject: Expression<unknown>,
    /** The key that `with` writes, or the variables of `range`. */
    readonly name = '',
  ) {}
}

export function directiveOf(key: string): Directive | undefined {
  const thing = recallWhole(key);
  return thing instanceof Directive ? thing : undefined;
}

function mark<Body>(directive: Directive, body: unknown): Body {
  return { [tokenFor(directive)]: body } as Body;
}

/** What stands below the key of an `if`. */
export interface Branches {
  readonly body: unknown;
  readonly otherwise?: unknown;
}

/** Entries of a map (spread it there), or one item of a list, which are there when the condition holds; others where it does not. */
export function when<Body extends object>(condition: Expression<unknown>, body: Body): Body;
export function when<Body extends object, Other extends object>(
  condition: Expression<unknown>,
  body: Body,
  otherwise: Other,
): Body & Other;
export function when(condition: Expression<unknown>, body: object, otherwise?: object): object {
  const branches: Branches = { body, ...(otherwise && { otherwise }) };
  return mark(new Directive('if', condition), branches);
}

/** An entry of a map (spread it there) which is there when its value is not empty. */
export function optional<Key extends string, T>(key: Key, value: Expression<T>): Record<Key, Expression<T>> {
  return mark(new Directive('with', value, key), '');
}

/** The items of a value between the items of a list. */
export function items<E>(value: Expression<E[]>): E {
  return mark(new Directive('merge', value), '');
}

/** The entries of a value between the entries of a map (spread it there). */
export function merge<T>(value: Expression<T>): T {
  return mark(new Directive('merge', value), '');
}

/** The same item for every element of a list of texts. */
export function range<Body>(list: Expression<string[]>, name: string, body: (element: Expression<string>) => Body): Body {
  return mark(new Directive('range', list, `$${name}`), body(new Expression('text', () => `$${name}`)));
}

/** An item of a list for each entry of a map, under the same conditions. */
export function itemsFrom<V, Item>(entries: Readonly<Record<string, V>>, item: (key: string, value: V) => Item): Item[] {
  return Object.entries(entries).map(([key, value]) => {
    if (!directiveOf(key)) return item(key, value);
    const branches = Object.entries(value as Branches) as [string, Record<string, V>][];
    return { [key]: Object.fromEntries(branches.map(([branch, body]) => [branch, itemsFrom(body, item)])) } as Item;
  });
}
