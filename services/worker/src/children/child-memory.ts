import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** The resident memory of processes in bytes, by process id; one that has ended is left out. */
export async function residentBytes(pids: readonly number[]): Promise<Map<number, number>> {
  return new Map(process.platform === 'linux' ? pids.flatMap(readProc) : await askPs(pids));
}

/** A read of /proc touches no disk: asking synchronously is cheaper than a turn through the thread pool. */
function readProc(pid: number): [number, number][] {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return kilobytes === undefined ? [] : [[pid, Number(kilobytes) * 1024]];
  } catch {
    return [];
  }
}

async function askPs(pids: readonly number[]): Promise<[number, number][]> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,rss=', '-p', pids.join(',')]);
    return [...stdout.matchAll(/(\d+)\s+(\d+)/g)].map(([, pid, kilobytes]) => [Number(pid), Number(kilobytes) * 1024]);
  } catch {
    // It exits with 1 when none of them exists any more.
    return [];
  }
}
