/** The receiver that docs/webhooks.md shows takes what this API sends. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { newWebhookSecret } from '@tintype/jobs';
import { eventually, freePort } from '@tintype/testing';
import { ApiUnderTest } from '../spec/api-under-test.js';
import { inline, json, thumb } from '../spec/requests.js';
import { allowReceivers } from '../spec/webhook-receiver.js';

const page = readFileSync(new URL('../../../../docs/webhooks.md', import.meta.url), 'utf8');

/** The block of code that begins with its imports. */
function documentedReceiver(): string {
  const lines = page.split('\n');
  const begin = lines.findIndex((line) => line.startsWith('    import '));
  const length = lines.slice(begin).findIndex((line) => line !== '' && !line.startsWith('    '));
  return lines.slice(begin, begin + length).join('\n');
}

test('the documented receiver prints each event once, and refuses what is not signed', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/hooks`;
  const secret = newWebhookSecret();
  const receiver = spawn(process.execPath, ['--input-type=module', '--eval', documentedReceiver()], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PORT: String(port), WEBHOOK_SECRET: secret },
  });
  let printed = '';
  receiver.stdout.on('data', (chunk) => (printed += String(chunk)));
  const api = await ApiUnderTest.start(allowReceivers);
  try {
    await eventually(async () => (await fetch(url, { method: 'POST', body: '{}' })).status === 400);
    const answer = await api.fetch('/v1/jobs', json({ source: inline(), outputs: [thumb], webhook: { url, secret } }));
    const { id } = (await answer.json()) as { id: string };
    await api.fetch(`/v1/jobs/${id}/cancel`, { method: 'POST' });
    const delivered = async () => {
      const list = await api.fetch(`/v1/webhook-deliveries?job_id=${id}&status=delivered`);
      return ((await list.json()) as { data: { id: string; attempt: number }[] }).data[0];
    };
    const delivery = await eventually(delivered);
    await api.fetch(`/v1/webhook-deliveries/${delivery.id}/redeliver`, { method: 'POST' });
    await eventually(delivered);
    expect(printed).toBe(`job.canceled ${id}\n`);
  } finally {
    receiver.kill('SIGKILL');
    await api.close();
  }
});
