import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capacityFor, containerResources } from './capacity.js';
import { containerCpus } from './container-cpus.js';

describe('the processors of a container', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'cgroup-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  function file(path: string, content: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }

  test('are those of the machine where nothing limits', () => {
    expect(containerCpus(root, 8)).toBe(8);
    file('proc/self/cgroup', '0::/\n');
    file('sys/fs/cgroup/cpu.max', 'max 100000\n');
    expect(containerCpus(root, 8)).toBe(8);
  });

  test.each([
    ['200000 100000', 2],
    ['150000 100000', 2],
    ['10000 100000', 1],
    ['1600000 100000', 8],
  ])('follow cpu.max "%s" of version 2', (max, cpus) => {
    file('proc/self/cgroup', '0::/\n');
    file('sys/fs/cgroup/cpu.max', `${max}\n`);
    expect(containerCpus(root, 8)).toBe(cpus);
  });

  test('follow the tightest of the parents', () => {
    file('proc/self/cgroup', '0::/kubepods/pod1/container\n');
    file('sys/fs/cgroup/kubepods/cpu.max', '600000 100000\n');
    file('sys/fs/cgroup/kubepods/pod1/cpu.max', '300000 100000\n');
    file('sys/fs/cgroup/kubepods/pod1/container/cpu.max', 'max 100000\n');
    expect(containerCpus(root, 8)).toBe(3);
  });

  test('follow the quota of version 1, also where only the mount shows the group', () => {
    file('proc/self/cgroup', '5:memory:/kubepods/pod1\n3:cpu,cpuacct:/kubepods/pod1\n0::/\n');
    file('sys/fs/cgroup/cpu/cpu.cfs_quota_us', '250000\n');
    file('sys/fs/cgroup/cpu/cpu.cfs_period_us', '100000\n');
    expect(containerCpus(root, 8)).toBe(3);
    file('sys/fs/cgroup/cpu/cpu.cfs_quota_us', '-1\n');
    expect(containerCpus(root, 8)).toBe(8);
  });
});

describe('the capacity of a worker', () => {
  test('is one job more than processors', () => {
    expect(capacityFor({}, { cpus: 2, memoryMb: 24_000 })).toEqual({
      concurrency: 3,
      childMemoryMb: 1024,
      concurrencyFrom: 'cpus',
      childMemoryFrom: 'default',
    });
  });

  test('is bounded by memory, and the caps of the children fit into the limit', () => {
    expect(capacityFor({}, { cpus: 8, memoryMb: 1024 })).toEqual({
      concurrency: 2,
      childMemoryMb: 412,
      concurrencyFrom: 'memory',
      childMemoryFrom: 'memory',
    });
    expect(capacityFor({}, { cpus: 8, memoryMb: 256 })).toMatchObject({ concurrency: 1, childMemoryMb: 400 });
  });

  test('is what the settings say', () => {
    expect(capacityFor({ concurrency: 7, childMemoryMb: 300 }, { cpus: 1, memoryMb: 512 })).toEqual({
      concurrency: 7,
      childMemoryMb: 300,
      concurrencyFrom: 'WORKER_CONCURRENCY',
      childMemoryFrom: 'CHILD_MEMORY_MB',
    });
    expect(capacityFor({ childMemoryMb: 800 }, { cpus: 8, memoryMb: 2048 })).toMatchObject({
      concurrency: 2,
      childMemoryMb: 800,
    });
  });

  test('is found on this machine', () => {
    const { cpus, memoryMb } = containerResources();
    expect(cpus).toBeGreaterThanOrEqual(1);
    expect(memoryMb).toBeGreaterThan(100);
    expect(memoryMb).toBeLessThan(10_000_000);
  });
});
