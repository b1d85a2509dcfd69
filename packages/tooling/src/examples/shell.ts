/** Runs commands as a user types them, and sees what curl sends and gets. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Message } from './page.js';

/** A request of curl and what came of it. */
export interface Exchange {
  readonly method: string;
  /** With the query. */
  readonly target: string;
  /** In lower case. */
  readonly requestHeaders: ReadonlySet<string>;
  /** In their order, a `100 Continue` among them; the last one has the body. */
  readonly answers: readonly Message[];
}

export interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
  /** Of all commands that did not send their messages elsewhere. */
  readonly exchanges: readonly Exchange[];
}

/** What makes curl tell of all headers, where nobody has to write so in the commands. */
const curlrc = 'verbose\nsilent\nshow-error\nmax-time = 30\n';

export class Shell {
  private constructor(
    private readonly directory: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Commands run in the directory. */
  static async open(directory: string, env: Readonly<Record<string, string>>): Promise<Shell> {
    const shell = new Shell(directory, env);
    const { code } = await shell.run('command -v curl', {});
    if (code !== 0) throw new Error('The examples need curl (Debian: apt-get install curl)');
    await writeFile(join(directory, '.curlrc'), curlrc);
    return shell;
  }

  /** What it leaves running is killed when it has ended. */
  async run(command: string, variables: Readonly<Record<string, string>>): Promise<Ran> {
    const { PATH, TMPDIR } = process.env;
    const program = spawn('sh', ['-eu', '-c', command], {
      cwd: this.directory,
      env: { PATH, TMPDIR, HOME: this.directory, CURL_HOME: this.directory, ...this.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, for what it starts.
      detached: true,
    });
    const ended = once(program, 'exit').then(([code]) => {
      killGroup(program.pid);
      return code as number | null;
    });
    const [output, log, code] = await Promise.all([text(program.stdout), text(program.stderr), ended]);
    const lines = log.split(/\r?\n/);
    const complaints = lines.filter((line) => !/^([*<>{}]|$)/.test(line));
    return { code, output, complaint: complaints.join('\n'), exchanges: exchangesOf(lines, output) };
  }
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

interface Heard {
  readonly method: string;
  readonly target: string;
  readonly requestHeaders: Set<string>;
  readonly answers: { readonly start: string; readonly headers: Map<string, string> }[];
}

/** From what curl tells with `verbose`; the output is the body of the last answer. */
function exchangesOf(lines: readonly string[], output: string): Exchange[] {
  const heard: Heard[] = [];
  for (const line of lines) {
    const [, method, target] = /^> ([A-Z]+) (\S+) HTTP\//.exec(line) ?? [];
    const [, sent] = /^> ([\w-]+):/.exec(line) ?? [];
    const [, start] = /^< (HTTP\/.*)$/.exec(line) ?? [];
    const [, name, value = ''] = /^< ([\w-]+): ?(.*)$/.exec(line) ?? [];
    const exchange = heard.at(-1);
    if (method !== undefined && target !== undefined) heard.push({ method, target, requestHeaders: new Set(), answers: [] });
    else if (sent !== undefined) exchange?.requestHeaders.add(sent.toLowerCase());
    else if (start !== undefined) exchange?.answers.push({ start, headers: new Map() });
    else if (name !== undefined) exchange?.answers.at(-1)?.headers.set(name.toLowerCase(), value);
  }
  return heard.map((exchange) => {
    const isLast = exchange === heard.at(-1) && exchange.method !== 'HEAD';
    const answers = exchange.answers.map((answer) => {
      return { ...answer, body: isLast && answer === exchange.answers.at(-1) ? output : '' };
    });
    return { ...exchange, answers };
  });
}
