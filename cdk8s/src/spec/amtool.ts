/** Alertmanager's own judgement of a configuration. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What it has to complain of, which is nothing when all is well. */
export function checkConfig(config: object): string {
  const { status, stdout, stderr } = amtool(config, (file) => ['check-config', file]);
  return status === 0 ? '' : stdout + stderr;
}

/** The receivers of an alert with these labels. */
export function receiversOf(config: object, labels: Readonly<Record<string, string>>): string[] {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  const { status, stdout, stderr } = amtool(config, (file) => ['config', 'routes', 'test', `--config.file=${file}`, ...pairs]);
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split(',');
}

/** JSON is YAML, so it needs no other form. */
function amtool(config: object, args: (file: string) => readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'tintype-amtool-'));
  try {
    const file = join(directory, 'alertmanager.json');
    writeFileSync(file, JSON.stringify(config));
    const result = spawnSync('amtool', args(file), { encoding: 'utf8' });
    if (result.error)
      throw new Error('The tests need amtool in PATH: apt-get install prometheus-alertmanager, or brew install alertmanager.', {
        cause: result.error,
      });
    return result;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
