import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What a process and its children hold together at this moment, in bytes. */
export function familyBytes(pid: number): number {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' });
  const processes = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return processes.reduce((sum, [id, parent, kilobytes = 0]) => (id === pid || parent === pid ? sum + kilobytes * 1024 : sum), 0);
}

/** The most that a process has ever held, in bytes; where the system does not remember it, what it holds now. */
export function peakBytes(pid: number): number {
  const path = `/proc/${pid}/status`;
  const kilobytes = existsSync(path) && /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8'))?.[1];
  if (kilobytes) return Number(kilobytes) * 1024;
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1024;
}
