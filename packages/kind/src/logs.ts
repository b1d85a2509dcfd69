/** `make logs`: what API and workers log, as it comes. Arguments go to `kubectl logs`: `make logs ARGS=--since=1h`. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Cluster } from './cluster.js';
import { Complaint, verb } from './complaint.js';
import { logLines } from './log-lines.js';
import { tintype } from './releases.js';
import { readSettings } from './settings.js';
import { checkTools } from './tools.js';

process.exitCode = await verb(async () => {
  await checkTools();
  const cluster = new Cluster(readSettings(process.env).cluster);
  await cluster.expectUp();
  let interrupted = false;
  process.on('SIGINT', () => (interrupted = true));

  const args = ['--context', cluster.context, '--namespace', tintype.namespace, 'logs'];
  const which = ['--selector', 'app.kubernetes.io/component in (api,worker)', '--prefix', '--max-log-requests=50'];
  const child = spawn('kubectl', [...args, ...which, '--follow', '--tail=20', ...process.argv.slice(2)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const readable = logLines(process.stdout.isTTY);
  createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(readable(line)));
  // Which container of a pod is meant, kubectl says for each pod.
  createInterface({ input: child.stderr }).on('line', (line) => line.startsWith('Defaulted container') || console.error(line));
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0 && !interrupted) throw new Complaint(`kubectl logs ended with exit code ${code}.`);
});
