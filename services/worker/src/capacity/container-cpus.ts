/**
 * How many processors the container may use. Node's own answer (os.availableParallelism) knows the affinity mask and, on newer
 * releases, control groups; Node 20 does not know the quota, which is how Kubernetes sets a CPU limit. So the quota is read
 * here, from control groups version 2 (`cpu.max`) and version 1 (`cpu.cfs_quota_us`).
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/** Processors that this process may keep busy at the same time: at least 1, a broken quota rounded up. */
export function containerCpus(root = '/', available = availableParallelism()): number {
  const quotas = [...controlGroups(root)].map((group) => version2Quota(group) ?? version1Quota(group));
  const quota = Math.min(...quotas.filter((value) => value !== undefined), available);
  return Math.max(1, Math.ceil(quota));
}

/**
 * The folders of this process's groups and of all their parents, as a parent's limit binds too. Inside a container the path
 * that /proc names is often the host's and not there; its parents then end at the mount's root, which is the container's group.
 */
function* controlGroups(root: string): Generator<string> {
  for (const line of (read(join(root, 'proc/self/cgroup')) ?? '').trim().split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined || !(controllers === '' || controllers?.split(',').includes('cpu'))) {
      continue;
    }
    // Version 1 mounts each controller at its own name, or links the name to a mount that it shares with others.
    const mount = join(root, 'sys/fs/cgroup', controllers === '' ? '' : 'cpu');
    for (let group = path; ; group = dirname(group)) {
      yield join(mount, group);
      if (group === '/') {
        break;
      }
    }
  }
}

function version2Quota(group: string): number | undefined {
  const [quota, period] = (read(join(group, 'cpu.max')) ?? '').trim().split(' ').map(Number);
  return quota && period ? quota / period : undefined;
}

function version1Quota(group: string): number | undefined {
  const quota = Number(read(join(group, 'cpu.cfs_quota_us')));
  const period = Number(read(join(group, 'cpu.cfs_period_us')));
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The file of the other version, or a system without control groups: nothing limits there.
    return undefined;
  }
}
