/** The kind cluster, and the programs that talk to it: always to this one, whatever the current context is. */
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { CommandFailure, type CommandOptions, run } from './command.js';
import { Complaint } from './complaint.js';
import { root } from './settings.js';

const Nodes = z.object({
  items: z.array(z.object({ status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string() }) }) })),
});
const KindConfig = z.object({
  nodes: z.array(z.object({ extraPortMappings: z.array(z.object({ hostPort: z.number() })).default([]) })).default([]),
});

export class Cluster {
  readonly context: string;

  constructor(readonly name: string) {
    this.context = `kind-${name}`;
  }

  kubectl(args: readonly string[], options?: CommandOptions): Promise<string> {
    return run('kubectl', ['--context', this.context, ...args], options);
  }

  helm(args: readonly string[], options?: CommandOptions): Promise<string> {
    return run('helm', ['--kube-context', this.context, ...args], options);
  }

  /** What the API server answers, parsed by the schema. */
  async get<T>(schema: z.ZodType<T>, args: readonly string[], options?: CommandOptions): Promise<T> {
    return schema.parse(JSON.parse(await this.kubectl(['get', ...args], options)));
  }

  async exists(): Promise<boolean> {
    return (await run('kind', ['get', 'clusters'])).split('\n').includes(this.name);
  }

  /** Rejects with a complaint when there is no such cluster. */
  async expectUp(): Promise<void> {
    if (!(await this.exists())) throw new Complaint(`There is no cluster ${this.name}. Make it: make up`);
  }

  async nodes(): Promise<string[]> {
    return (await run('kind', ['get', 'nodes', '--name', this.name])).trim().split('\n');
  }

  /** Makes it, unless it exists, and resolves with what it is when its nodes are ready. */
  async start(config: string, signal: AbortSignal): Promise<string> {
    if (await this.exists()) await this.wake(signal);
    else await this.create(config, signal);
    const { items } = await this.get(Nodes, ['nodes', '--output', 'json'], { signal });
    return `Kubernetes ${items[0]?.status.nodeInfo.kubeletVersion} on ${items.length} ${items.length === 1 ? 'node' : 'nodes'}`;
  }

  private async create(config: string, signal: AbortSignal): Promise<void> {
    const ports = hostPorts(await readFile(resolve(root, config), 'utf8'));
    for (const port of ports) await expectFreePort(port, config);
    await run('kind', ['create', 'cluster', '--name', this.name, '--config', config, '--wait', '5m'], { signal });
  }

  /** After a restart of the machine, its nodes may be stopped; after an interrupted `make up`, it may be half made. */
  private async wake(signal: AbortSignal): Promise<void> {
    try {
      await run('docker', ['start', ...(await this.nodes())], { signal });
      await this.expectContext();
      await this.untilReady(signal);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      throw new Complaint(`The cluster ${this.name} exists but is not well. Start afresh: make down up\n${error.message}`);
    }
  }

  private async expectContext(): Promise<void> {
    const contexts = await run('kubectl', ['config', 'get-contexts', '--output', 'name']);
    if (!contexts.split('\n').includes(this.context)) await run('kind', ['export', 'kubeconfig', '--name', this.name]);
  }

  private async untilReady(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + 60_000;
    const wait = ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=60s'];
    for (;;) {
      try {
        await this.kubectl(wait, { signal });
        return;
      } catch (error) {
        // The API server itself may still be starting.
        if (!(error instanceof CommandFailure) || performance.now() > deadline) throw error;
        await sleep(1_000, undefined, { signal });
      }
    }
  }
}

/** The ports of this machine that a kind configuration takes. */
export function hostPorts(config: string): number[] {
  return KindConfig.parse(parse(config)).nodes.flatMap(({ extraPortMappings }) =>
    extraPortMappings.map(({ hostPort }) => hostPort),
  );
}

async function expectFreePort(port: number, config: string): Promise<void> {
  if (await somebodyListens(port))
    throw new Complaint(`Port ${port} is in use by another program. Stop it, or change that hostPort in ${config}.`);
}

/** Not by listening itself, for which ports below 1024 need privileges that Docker has and this process may lack. */
function somebodyListens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => done(true)).once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
}
