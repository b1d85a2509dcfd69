/** The way into the cluster, as a client outside has it: through the mapped port and the Ingress. */
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { Cluster } from './cluster.js';
import { run } from './command.js';
import { Complaint } from './complaint.js';
import { tintype } from './releases.js';

export interface Entrance {
  readonly host: string;
  readonly port: number;
  /** For browsers and curl, which know that `*.localhost` is this machine. */
  readonly url: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const Ingress = z.object({ spec: z.object({ rules: z.array(z.object({ host: z.string() })).min(1) }) });

/** As the cluster has it, whatever the files say by now. */
export async function findEntrance(cluster: Cluster): Promise<Entrance> {
  const mappings = await Promise.all((await cluster.nodes()).map((node) => run('docker', ['port', node])));
  const { spec } = await cluster.get(Ingress, [
    'ingress',
    `${tintype.name}-api`,
    '--namespace',
    tintype.namespace,
    '--output',
    'json',
  ]);
  return entrance(spec.rules[0]?.host ?? '', mappings.join('\n'));
}

/** @param mappings what `docker port` says of the nodes: `80/tcp -> 127.0.0.1:80`, a line for each port and address */
export function entrance(host: string, mappings: string): Entrance {
  const port = Number(/^80\/tcp -> .*:(\d+)$/m.exec(mappings)?.[1]);
  if (!port) throw new Complaint('Port 80 of no node is mapped to this machine: see extraPortMappings in kind-config.yaml.');
  return { host, port, url: `http://${host}${port === 80 ? '' : `:${port}`}` };
}

/** Sends a request to the loopback, with the name of the host: not every resolver knows `*.localhost`, and `fetch` sets the name itself. */
export async function send(
  { host, port }: Entrance,
  path: string,
  { form, headers = {}, signal }: { form?: FormData; headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Answer> {
  const body = form && new Response(form);
  const type = body?.headers.get('content-type');
  const bytes = body && Buffer.from(await body.arrayBuffer());
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: form ? 'POST' : 'GET',
        signal,
        headers: { host, ...headers, ...(type && { 'content-type': type }), ...(bytes && { 'content-length': bytes.length }) },
      },
      (response) => {
        buffer(response).then((content) => resolve({ status: response.statusCode ?? 0, body: content }), reject);
      },
    );
    sent.once('error', reject).end(bytes);
  });
}
