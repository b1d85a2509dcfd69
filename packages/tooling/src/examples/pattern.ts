/**
 * What the examples show of an answer: `…` stands for anything, and `$NAME` for a value that is the same wherever the name stands.
 * Objects and arrays have nothing but what is shown, unless a `…` says that there is more.
 */

/** By name. */
export type Variables = Readonly<Record<string, string>>;

/** Thrown where an answer is not as it is shown; says where. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

const variable = /^\$([A-Z][A-Z0-9_]*)$/;
const variables = /\$([A-Z][A-Z0-9_]*)/g;
/** No JSON text that anybody writes begins like this. */
const anything = '\u0000anything';
const furtherKey = '\u0000further';

/** Compares answers with what is shown, and learns the values of names that are new. */
export class Matcher {
  #variables: Record<string, string>;

  constructor(known: Variables) {
    this.#variables = { ...known };
  }

  get variables(): Variables {
    return this.#variables;
  }

  /** `what`: of what the text is, for the complaint. */
  text(shown: string, actual: string, what: string): void {
    const names: string[] = [];
    const pattern = shown
      .split(/(…|\$[A-Z][A-Z0-9_]*)/)
      .map((part) => {
        if (part === '…') return '[\\s\\S]*';
        const name = variable.exec(part)?.[1];
        if (name === undefined) return escapeRegExp(part);
        const known = this.#variables[name];
        if (known !== undefined) return escapeRegExp(known);
        if (names.includes(name)) return `\\k<${name}>`;
        names.push(name);
        return `(?<${name}>\\S+?)`;
      })
      .join('');
    const found = new RegExp(`^${pattern}$`).exec(actual);
    if (!found) throw new Mismatch(`${what}: ${quoted(shown, this.#variables)} is shown, ${JSON.stringify(actual)} it is`);
    for (const name of names) this.#variables[name] = found.groups?.[name] ?? '';
  }

  /** `shown` is the text of a JSON value. */
  json(shown: string, actual: unknown, what: string): void {
    this.#value(parseShownJson(shown), actual, what);
  }

  /** The events of a stream, as they come; a block `…` stands for any number of them. Comments are nobody's business. */
  events(shown: string, actual: string, what: string): void {
    this.#events(
      blocks(shown),
      blocks(actual).filter((block) => !block.startsWith(':')),
      what,
    );
  }

  #events([first, ...shown]: readonly string[], actual: readonly string[], what: string): void {
    if (first === undefined) {
      if (actual.length > 0) throw new Mismatch(`${what}: after what is shown comes ${actual[0]}`);
    } else if (first === '…') {
      this.#anyOf(actual.map((_, index) => actual.slice(index)).concat([[]]), (rest) => this.#events(shown, rest, what));
    } else {
      this.#event(first, actual[0] ?? '', `${what}, event`);
      this.#events(shown, actual.slice(1), what);
    }
  }

  /** Throws the last Mismatch where none of the choices matches. */
  #anyOf<Choice>(choices: readonly Choice[], match: (choice: Choice) => void): void {
    const before = { ...this.#variables };
    let mismatch: Mismatch | undefined;
    for (const choice of choices) {
      try {
        return match(choice);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        mismatch = error;
        this.#variables = { ...before };
      }
    }
    if (mismatch) throw mismatch;
  }

  #event(shown: string, actual: string, what: string): void {
    const [wanted, got] = [fields(shown), fields(actual)];
    this.text(wanted.map(([name]) => name).join(), got.map(([name]) => name).join(), `${what}, fields`);
    for (const [index, [name, value]] of wanted.entries()) {
      const actualValue = got[index]?.[1] ?? '';
      if (name === 'data') this.json(value, JSON.parse(actualValue), `${what}, data`);
      else this.text(value, actualValue, `${what}, ${name}`);
    }
  }

  #value(shown: unknown, actual: unknown, at: string): void {
    if (shown === anything) return;
    if (typeof shown === 'string' && typeof actual === 'string') this.text(shown, actual, at);
    else if (Array.isArray(shown) && Array.isArray(actual)) this.#array(shown, actual, at);
    else if (isObject(shown) && isObject(actual)) this.#object(shown, actual, at);
    else if (shown !== actual) {
      throw new Mismatch(`${at}: ${quoted(JSON.stringify(shown), this.#variables)} is shown, ${JSON.stringify(actual)} it is`);
    }
  }

  #array(shown: readonly unknown[], actual: readonly unknown[], at: string): void {
    const more = shown.at(-1) === anything;
    const wanted = more ? shown.slice(0, -1) : shown;
    if (actual.length < wanted.length || (!more && actual.length > wanted.length)) {
      throw new Mismatch(`${at}: ${wanted.length} elements are shown, ${JSON.stringify(actual)} it is`);
    }
    for (const [index, element] of wanted.entries()) this.#value(element, actual[index], `${at}/${index}`);
  }

  #object(shown: Record<string, unknown>, actual: Record<string, unknown>, at: string): void {
    for (const [key, value] of Object.entries(shown)) {
      if (key === furtherKey) continue;
      if (!(key in actual)) throw new Mismatch(`${at}: there is no ${key} in ${JSON.stringify(actual)}`);
      this.#value(value, actual[key], `${at}/${key}`);
    }
    if (furtherKey in shown) return;
    const further = Object.keys(actual).filter((key) => !(key in shown));
    if (further.length > 0) throw new Mismatch(`${at}: ${further.join(', ')} is not shown`);
  }
}

/** The value that a JSON text with `…` in it shows, for those who look for what is shown; `…` itself is left out. */
export function shownValue(shown: string): unknown {
  return JSON.parse(JSON.stringify(parseShownJson(shown)), (key, value: unknown) =>
    key === furtherKey || value === anything ? undefined : value,
  );
}

function parseShownJson(shown: string): unknown {
  const json = shown.replaceAll(/"(?:[^"\\]|\\.)*"|…/g, (token: string, offset: number) => {
    if (token !== '…') return token;
    const closesObject =
      shown
        .slice(offset + 1)
        .trimStart()
        .startsWith('}') && !/:\s*$/.test(shown.slice(0, offset));
    return closesObject ? `${JSON.stringify(furtherKey)}:0` : JSON.stringify(anything);
  });
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`This is shown as JSON and is none:\n${shown}`, { cause: error });
  }
}

function blocks(stream: string): string[] {
  return stream
    .trim()
    .split(/\n\s*\n/)
    .map((block) => block.trim());
}

/** Of an event, in their order. */
function fields(event: string): [name: string, value: string][] {
  return event.split('\n').map((line) => {
    const [, name, value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Mismatch(`this is no field of an event: ${line}`);
    return [name, value];
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** With the values of names, so that a complaint tells all. */
function quoted(shown: string, known: Variables): string {
  return JSON.stringify(shown.replaceAll(variables, (name, key: string) => known[key] ?? name));
}
