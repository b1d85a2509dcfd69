import { readFile } from 'node:fs/promises';
import { Output, type OutputRequest } from '@tintype/operations';
import type { Benchmark } from './benchmark.js';
import type { JobRows } from './insert-loop.js';
import { Crew } from './loop.js';
import { picture } from './pictures.js';
import { alternate, rate, ratioWithRange } from './rounds.js';
import { backends, backendTitles, Stack } from './stack.js';

const connections = 16;
/** The default of PG_POOL_SIZE. */
const poolSize = 10;
const output: OutputRequest = {
  name: 'thumb',
  format: 'webp',
  operations: [{ operation: 'resize', width: 200 }],
} as OutputRequest;

export const accept: Benchmark = {
  name: 'accept',
  title: 'Accepting jobs',
  how: `\`POST /v1/jobs\` with an upload as the source, on ${connections} keep-alive connections, against nothing but the INSERT of the same rows (job,
output, input) as one prepared statement, on ${poolSize} connections, as many as the API has. One API process; the client and PostgreSQL (with fsync) share
its processors. Every 202 means that the job is durable.`,
  columns: ['wakes by', 'INSERTs/s', '202s/s', 'ratio', 'goal'],
  async *rows({ rounds, seconds, progress }) {
    for (const backend of backends) {
      const stack = await Stack.open(backend);
      try {
        const { url } = await stack.api();
        const upload = await send(url);
        const body = JSON.stringify({ source: { upload_id: upload.upload_id }, outputs: [output] });
        const rows: JobRows = { ...upload, spec: Output.parse(output) };
        const requests = await Crew.of(1, 'request-loop', `${url}/v1/jobs`, body, String(connections));
        const inserts = await Crew.of(1, 'insert-loop', stack.databaseUrl, String(poolSize), JSON.stringify(rows));
        const result = await alternate({
          rounds,
          ours: () => requests.rate(seconds),
          theirs: () => inserts.rate(seconds),
          progress: (text) => progress(`${backendTitles[backend]}, ${text}`),
        });
        await Promise.all([requests.end(), inserts.end()]);
        yield [backendTitles[backend], rate(result.theirs), rate(result.ours), ratioWithRange(result), '≥ 0.5'];
      } finally {
        await stack.close();
      }
    }
  },
};

async function send(url: string): Promise<Omit<JobRows, 'spec'>> {
  const body = await readFile(await picture('tiny.png'));
  const response = await fetch(`${url}/v1/uploads`, { method: 'POST', headers: { 'content-type': 'image/png' }, body });
  const { id, sha256, bytes, format } = (await response.json()) as Omit<JobRows, 'spec' | 'upload_id'> & { readonly id: string };
  return { upload_id: id, storage_key: `uploads/${id}`, sha256, bytes, format };
}
