import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onlyOne } from './only-one.js';

test('one process at a time works on a cluster, others on other clusters', async () => {
  const server = await onlyOne('spec-a');
  await expect(onlyOne('spec-a')).rejects.toThrow('Another `make up` is at work on the cluster spec-a.');
  const other = await onlyOne('spec-b');

  server.close();
  other.close();
  const next = await onlyOne('spec-a');
  next.close();
});

test('a process that was killed holds nothing', async () => {
  const module = new URL('only-one.js', import.meta.url).href;
  const script = `await (await import('${module}')).onlyOne('spec-c'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await expect(onlyOne('spec-c')).rejects.toThrow('spec-c');

  child.kill('SIGKILL');
  await once(child, 'exit');
  const next = await onlyOne('spec-c');
  next.close();
});
