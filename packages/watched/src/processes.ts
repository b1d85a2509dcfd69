/** What processes use, by themselves and by their children: what cAdvisor tells of containers. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

export interface Usage {
  /** Since it was first looked at; only ever more. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** Linux counts in hundredths of a second and in pages of 4 KiB, whatever the machine. */
const ticks = 100;
const pageBytes = 4_096;

/** Adds up what comes and goes under each name. */
export class UsageMeter {
  readonly #cpuSeconds = new Map<string, number>();
  #last = new Map<number, number>();

  /** `pids`: the process of each name; its children count as it does. */
  async read(pids: ReadonlyMap<string, number>): Promise<Map<string, Usage>> {
    const processes = process.platform === 'linux' ? readProc() : await askPs();
    const usage = new Map<string, Usage>();
    for (const [name, pid] of pids) {
      const family = processes.filter((each) => each.pid === pid || each.parent === pid);
      // A process that has ended takes what it used out of the sum of the living, not out of the counter.
      const used = family.reduce((sum, each) => sum + Math.max(0, each.cpuSeconds - (this.#last.get(each.pid) ?? 0)), 0);
      const cpuSeconds = (this.#cpuSeconds.get(name) ?? 0) + used;
      this.#cpuSeconds.set(name, cpuSeconds);
      usage.set(name, { cpuSeconds, residentBytes: family.reduce((sum, each) => sum + each.residentBytes, 0) });
    }
    this.#last = new Map(processes.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
    return usage;
  }
}

function readProc(): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      // The name of the program, in parentheses, may have spaces in it.
      const fields = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const [parent = 0, user = 0, system = 0, pages = 0] = [fields[1], fields[11], fields[12], fields[21]];
      return [{ pid: Number(name), parent, cpuSeconds: (user + system) / ticks, residentBytes: pages * pageBytes }];
    } catch {
      return []; // It has just ended.
    }
  });
}

async function askPs(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,time=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = 0, parent = 0, kilobytes = 0] = line.trim().split(/\s+/).map(Number);
      const time = line.trim().split(/\s+/)[3] ?? '0';
      const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
      return { pid, parent, cpuSeconds, residentBytes: kilobytes * 1_024 };
    });
}
