/** Programs that repeat a piece of work for as long as they are told, and tell at which rate they did. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { program } from './paths.js';

/** In such a program: `work` is done so many at a time. */
export function repeatOnDemand(work: () => Promise<unknown>, atATime = 1): void {
  process.on('message', (seconds: number) => void repeat(work, atATime, seconds).then((rate) => process.send?.(rate)));
  process.once('disconnect', () => process.exit());
  process.send?.('ready');
}

async function repeat(work: () => Promise<unknown>, atATime: number, seconds: number): Promise<number> {
  const begun = performance.now();
  let [done, lastMs] = [0, 0];
  const strand = async (): Promise<void> => {
    for (;;) {
      await work();
      const ms = performance.now() - begun;
      // What ends later had more than its share of the machine.
      if (ms > seconds * 1000 && done > 0) return;
      done += 1;
      lastMs = ms;
    }
  };
  await Promise.all(Array.from({ length: atATime }, strand));
  return (done / lastMs) * 1000;
}

/** Processes of one such program, at work at the same time. */
export class Crew {
  private constructor(private readonly members: readonly ChildProcess[]) {}

  /** Resolves when all are warm. */
  static async of(size: number, name: string, ...args: readonly string[]): Promise<Crew> {
    const members = await Promise.all(
      Array.from({ length: size }, async () => {
        const member = fork(program(name), args);
        await answer(member);
        return member;
      }),
    );
    const crew = new Crew(members);
    await crew.rate(0.2);
    return crew;
  }

  /** How often a second they do it together. */
  async rate(seconds: number): Promise<number> {
    const answers = this.members.map((member) => answer(member));
    for (const member of this.members) member.send(seconds);
    const rates = (await Promise.all(answers)) as number[];
    return rates.reduce((sum, rate) => sum + rate, 0);
  }

  /** Resolves when all are gone. */
  async end(): Promise<void> {
    const gone = this.members.map((member) => once(member, 'exit'));
    for (const member of this.members) member.disconnect();
    await Promise.all(gone);
  }
}

async function answer(member: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const ended = once(member, 'exit', { signal }).then(() => {
    throw new Error(`${member.spawnargs.slice(1).join(' ')} ended`);
  });
  try {
    const [message] = await Promise.race([once(member, 'message', { signal }), ended]);
    return message;
  } finally {
    over.abort();
  }
}
