/** Reads the examples of a page: a command in a block ```sh, and below it what comes of it in blocks ```http. */
import { Mismatch, type Matcher } from './pattern.js';

export interface Example {
  readonly line: number;
  readonly command: string;
  /** The last of them is the answer; before it may come a `100 Continue`. */
  readonly answers: readonly ShownMessage[];
  /** Requests that a server of webhooks gets. */
  readonly requests: readonly ShownMessage[];
}

export interface Section {
  readonly title: string;
  readonly examples: readonly Example[];
}

/** A request or an answer as it is shown. */
export interface ShownMessage {
  /** `HTTP/1.1 200 OK`, or `POST /hooks HTTP/1.1`. */
  readonly start: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Undefined where none is shown. */
  readonly body: string | undefined;
}

/** A request or an answer as it came. Names of headers are in lower case. */
export interface Message {
  readonly start: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface Server {
  readonly url: string;
  readonly settings: Readonly<Record<string, string>>;
}

const fence = /^```(.*)\n([\s\S]*?)^```$/gm;

export function sectionsOf(page: string): Section[] {
  const titles = [...page.matchAll(/^## (.*)$/gm)];
  return titles.flatMap(({ 1: title = '', index }, number) => {
    const examples = examplesOf(page, index, titles[number + 1]?.index ?? page.length);
    return examples.length > 0 ? [{ title, examples }] : [];
  });
}

/** Ours, in the table of addresses: each has settings. */
export function serversOf(page: string): Server[] {
  return [...page.matchAll(/^\| `(http:\/\/localhost:\d+)` \|(.*)$/gm)].flatMap(([, url = '', about = '']) => {
    const settings = [...about.matchAll(/`([A-Z_]+)=([^`]*)`/g)].map(([, name = '', value = '']) => [name, value]);
    return settings.length > 0 ? [{ url, settings: Object.fromEntries(settings) as Server['settings'] }] : [];
  });
}

function examplesOf(page: string, from: number, to: number): Example[] {
  const examples: Example[] = [];
  for (const { 1: kind, 2: text = '', index } of page.slice(from, to).matchAll(fence)) {
    const line = page.slice(0, from + index).split('\n').length;
    const last = examples.at(-1);
    if (kind === 'sh') examples.push({ line, command: text.trimEnd(), answers: [], requests: [] });
    else if (kind !== 'http' || !last) throw new Error(`Line ${line}: this is neither a command nor what comes of one`);
    else examples[examples.length - 1] = withMessages(last, text);
  }
  return examples;
}

function withMessages(example: Example, text: string): Example {
  const messages = text.split(/\n(?=HTTP\/1\.1 )/).map(parseShownMessage);
  const answers = messages.filter(({ start }) => start.startsWith('HTTP/'));
  const requests = messages.filter(({ start }) => !start.startsWith('HTTP/'));
  return { ...example, answers: [...example.answers, ...answers], requests: [...example.requests, ...requests] };
}

function parseShownMessage(text: string): ShownMessage {
  const [, head = '', body] = /^([\s\S]*?)(?:\n\s*\n([\s\S]*))?$/.exec(text.trim()) ?? [];
  const [start = '', ...lines] = head.split('\n');
  const headers = lines.map((line) => {
    const [, name, value] = /^([\w-]+): (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`This is no header: ${line}`);
    return [name, value] as const;
  });
  return { start, headers, body: body?.trim() };
}

/** Throws a Mismatch where a message is not as it is shown. */
export function matchMessage(matcher: Matcher, shown: ShownMessage, actual: Message): void {
  matcher.text(shown.start, actual.start, 'first line');
  for (const [name, value] of shown.headers) {
    const got = actual.headers.get(name.toLowerCase());
    if (got === undefined) throw new Mismatch(`there is no ${name}`);
    matcher.text(value, got, name);
  }
  if (shown.body === undefined) return;
  const type = actual.headers.get('content-type') ?? '';
  if (type.includes('json')) matcher.json(shown.body, JSON.parse(actual.body), 'body');
  else if (type.startsWith('text/event-stream')) matcher.events(shown.body, actual.body, 'body');
  else matcher.text(shown.body, actual.body.trim(), 'body');
}
