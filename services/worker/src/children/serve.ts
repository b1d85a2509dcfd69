/** The child's side of the conversation. It has nothing from the parent but paths and pipelines. */
import { writeFileSync } from 'node:fs';
import { ImageError } from '@tintype/operations';
import { type RunEvent, type RunRequest, vipsPeakBytes } from '@tintype/operations/run';
import type { MessageFromChild } from './messages.js';

/** Runs what the parent sends, one request after the other, until the parent is gone. */
export function serve(run: (request: RunRequest, onEvent: (event: RunEvent) => void) => Promise<void>): void {
  volunteerForOutOfMemory();
  // A Ctrl-C goes to every process of the terminal, but only the parent may decide when a job ends.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  // exit() would wait for the decoder's threads, which may work for minutes on something nobody wants any more.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.on('message', (request: RunRequest) => void answer(request, run));
  done([]);
}

async function answer(request: RunRequest, run: Parameters<typeof serve>[0]): Promise<void> {
  let events: RunEvent[] = [];
  const onEvent = (event: RunEvent): void => {
    events.push(event);
    // The parent stores an output while the next one is made; the last one comes with the end.
    if (event.type === 'source' || event.index === request.outputs.length - 1) return;
    send({ type: 'events', events });
    events = [];
  };
  try {
    await run(request, onEvent);
    done(events);
  } catch (error) {
    if (error instanceof ImageError) send({ type: 'refused', code: error.code, detail: error.detail });
    else if (isStorageFault(error)) send({ type: 'unwritable' });
    else send({ type: 'error', message: String(error).slice(0, 500) });
  }
}

/** The disk of the scratch directory is full or broken. libvips has no codes, only words. */
function isStorageFault(error: unknown): boolean {
  return error instanceof Error && /ENOSPC|EDQUOT|EIO|no space left|quota exceeded|i\/o error/i.test(error.message);
}

function done(events: readonly RunEvent[]): void {
  send({ type: 'done', events, residentBytes: process.memoryUsage.rss(), vipsPeakBytes: vipsPeakBytes() });
}

type WithRunEvents<Message> = Message extends { events: unknown }
  ? Omit<Message, 'events'> & { readonly events: readonly RunEvent[] }
  : Message;

function send(message: WithRunEvents<MessageFromChild>): void {
  process.send?.(message);
}

/** Where the kernel must end a process for lack of memory, it shall be this one and not the parent. */
function volunteerForOutOfMemory(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed: then the kernel judges by size alone, which is the child again.
  }
}
