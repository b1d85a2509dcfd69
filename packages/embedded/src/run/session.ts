/** The frame of `make run` and `make dev`: starts everything, and stops it whatever happens. */
import { explain } from './complaint.js';
import { readRunSettings, type RunSettings } from './settings.js';
import { Stack } from './stack.js';

/** As a shell reports a program that Ctrl-C ended. */
const exitCodeInterrupted = 130;

/**
 * Runs the work on the started stack. Resolves with the exit code of the process: 0 when the work is done or Ctrl-C ended it, 130
 * when Ctrl-C came before it was started, 1 after a complaint on the terminal.
 */
export async function inSession(
  work: (stack: Stack, settings: RunSettings, interrupted: AbortSignal) => Promise<void>,
): Promise<number> {
  const interrupted = new AbortController();
  let stack: Stack | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // The second one is from somebody who does not want to wait for running jobs.
    process.on(signal, () => (interrupted.signal.aborted ? stack?.kill() : interrupted.abort()));
  }

  try {
    const settings = readRunSettings(process.env);
    stack = new Stack(settings, reportStep, interrupted.signal);
    await stack.start();
    await work(stack, settings, interrupted.signal);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return exitCodeInterrupted;
    console.error(`\n${explain(error)}`);
    return 1;
  } finally {
    await stack?.stop();
    if (interrupted.signal.aborted) console.log('\nStopped.');
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function reportStep(step: string, tookMs: number, about: string): void {
  console.log(`${step.padEnd(12)} ${seconds(tookMs).padStart(7)}  ${about}`);
}
