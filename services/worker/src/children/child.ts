/** One child process that runs images, as its parent sees it: one job at a time, and killed without regret. */
import { fork, type ChildProcess } from 'node:child_process';
import type { RunRequest } from '@tintype/operations/run';
import { ImageError, type ImageLimits } from '@tintype/operations';
import { StorageError } from '@tintype/storage';
import { ChildFailure, type ChildExitReason } from './child-failure.js';
import { type ChildEvent, MessageFromChild } from './messages.js';

const stderrTailLength = 2_000;

export interface ChildOptions {
  /** Path of the JavaScript file that it runs. */
  readonly program: string;
  readonly limits: ImageLimits;
}

interface Running {
  readonly onEvent: (event: ChildEvent) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Child {
  /** Settles when the child can take jobs, or rejects with a ChildFailure when it ended before. */
  readonly ready: Promise<void>;
  /** Settles when the process is gone; never rejects. */
  readonly gone: Promise<ChildFailure>;
  /** Jobs begun. */
  jobs = 0;
  /** What it held after its last job, by its own account. */
  residentBytes = 0;
  /** The most that libvips ever held in it, by its own account. */
  vipsPeakBytes = 0;
  /** Set when it shall end after its present job, as its successor is ready. */
  retiring = false;

  readonly #process: ChildProcess;
  #running: Running | undefined;
  #killedFor: { reason: ChildExitReason; how: string } | undefined;
  #stderr = '';

  constructor({ program, limits }: ChildOptions) {
    this.#process = fork(program, [JSON.stringify(limits)], {
      env: childEnvironment(),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-stderrTailLength);
    });
    this.#process.on('message', (message) => this.#receive(message));
    this.ready = new Promise((resolve, reject) => {
      this.#running = { onEvent() {}, resolve, reject };
    });
    this.gone = new Promise((resolve) => {
      const end = (how: string): void => resolve(this.#fail(how));
      this.#process.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
      // A process that could not be started does not close.
      this.#process.on('error', (error) => (this.pid === undefined ? end(error.message) : undefined));
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it can still take a job. */
  get alive(): boolean {
    return this.#process.connected && this.#killedFor === undefined;
  }

  /**
   * Rejects with an ImageError when the source cannot be processed, with a StorageError when the outputs cannot be written, and
   * with a ChildFailure when the child ends.
   */
  run(request: RunRequest, onEvent: (event: ChildEvent) => void): Promise<void> {
    this.jobs += 1;
    return new Promise((resolve, reject) => {
      this.#running = { onEvent, resolve, reject };
      // A failed send means that the process is ending; its end settles the promise.
      this.#process.send(request, () => undefined);
    });
  }

  /** Ends the process at once; the first reason given counts. */
  kill(reason: ChildExitReason, how: string): void {
    this.#killedFor ??= { reason, how };
    this.#process.kill('SIGKILL');
  }

  #fail(how: string): ChildFailure {
    const failure = new ChildFailure(this.#killedFor?.reason ?? 'crashed', this.#killedFor?.how ?? how, this.#stderr);
    this.#settle()?.reject(failure);
    return failure;
  }

  #receive(message: unknown): void {
    if (this.#killedFor) return;
    const { data, success } = MessageFromChild.safeParse(message);
    // Only a child that is no longer ours speaks like that.
    if (!success || !this.#running) return this.kill('crashed', 'unexpected message');
    switch (data.type) {
      case 'events':
        for (const event of data.events) this.#running.onEvent(event);
        return;
      case 'done':
        for (const event of data.events) this.#running.onEvent(event);
        this.residentBytes = data.residentBytes;
        this.vipsPeakBytes = data.vipsPeakBytes;
        return this.#settle()?.resolve();
      case 'refused':
        return this.#settle()?.reject(new ImageError(data.code, data.detail));
      case 'unwritable':
        return this.#settle()?.reject(new StorageError('A child process could not write its outputs'));
      case 'error':
        return this.kill('crashed', data.message);
    }
  }

  #settle(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}

/**
 * The child decodes hostile files, so it inherits nothing: no credentials, no addresses. What the deployment chose as memory
 * allocator (LD_PRELOAD, MALLOC_*) and as temporary directory is meant for the child most of all.
 */
function childEnvironment(): NodeJS.ProcessEnv {
  const wanted = Object.entries(process.env).filter(([name]) => /^(LD_PRELOAD|MALLOC_.*|TMPDIR)$/.test(name));
  return { UV_THREADPOOL_SIZE: '4', MALLOC_ARENA_MAX: '2', VIPS_BLOCK_UNTRUSTED: '1', ...Object.fromEntries(wanted) };
}
