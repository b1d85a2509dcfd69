/** Programs of this machine, each run to its end. */
import { spawn } from 'node:child_process';
import { Complaint } from './complaint.js';
import { root } from './settings.js';

export interface CommandOptions {
  /** What the program reads. */
  readonly input?: string;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

/** How many lines of a program's last words say why it failed. */
const lastLines = 20;

/** Rejects when the program fails, with what it said last. */
export class CommandFailure extends Complaint {
  constructor(
    command: readonly string[],
    how: string,
    /** Everything it wrote to its error output. */
    readonly errors: string,
    output: string,
  ) {
    const words = (errors.trim() || output.trim()).split('\n').slice(-lastLines).join('\n');
    super(`${shortened(command.join(' '))} ${how}${words && `:\n${words}`}`);
  }
}

function shortened(command: string): string {
  return command.length <= 100 ? command : `${command.slice(0, 100)}…`;
}

/** Resolves with what the program wrote. Its directory is the checkout. */
export async function run(program: string, args: readonly string[], { input, signal }: CommandOptions = {}): Promise<string> {
  const child = spawn(program, args, { cwd: root, signal, stdio: 'pipe' });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // A program that ends before it has read everything fails by its exit code.
  child.stdin.on('error', () => undefined).end(input);

  const { code, by } = await new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, exitSignal) => resolve({ code: exitCode, by: exitSignal }));
  });
  if (code !== 0) {
    throw new CommandFailure([program, ...args], by ? `was ended by ${by}` : `failed with exit code ${code}`, errors, output);
  }
  return output;
}

/** Lets the program use the terminal until it ends, by Ctrl-C too. */
export async function runAtTerminal(program: string, args: readonly string[]): Promise<void> {
  let interrupted = false;
  // The program has it from the terminal as well; this process stays until that one has ended.
  process.on('SIGINT', () => (interrupted = true));
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 && !interrupted) throw new Complaint(`${program} ended with exit code ${code}.`);
}
