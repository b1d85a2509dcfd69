/** A Prometheus that keeps exemplars. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, freePort, testDirectory } from '@tintype/testing';
import { z } from 'zod';

const Exemplars = z.object({
  status: z.literal('success'),
  data: z.array(
    z.object({
      seriesLabels: z.record(z.string(), z.string()),
      exemplars: z.array(z.object({ labels: z.record(z.string(), z.string()), value: z.string(), timestamp: z.number() })),
    }),
  ),
});
const Targets = z.object({
  data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string(), scrapeUrl: z.string() })) }),
});

export interface Prometheus {
  exemplars(query: string): Promise<z.output<typeof Exemplars>['data']>;
  /** Of scrapes, each with its target. */
  errors(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Scrapes these addresses (`127.0.0.1:8080`) every second. */
export async function startPrometheus(targets: readonly string[]): Promise<Prometheus> {
  const [directory, port] = await Promise.all([testDirectory(), freePort()]);
  const url = `http://127.0.0.1:${port}`;
  const file = join(directory.path, 'prometheus.json');
  // JSON is YAML.
  const configuration = {
    global: { scrape_interval: '1s' },
    scrape_configs: [{ job_name: 'tintype', static_configs: [{ targets }] }],
  };
  await writeFile(file, JSON.stringify(configuration));
  const program = spawn(
    'prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(directory.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const ended = Promise.race([once(program, 'exit'), once(program, 'error')]);
  const failed = ended.then(() => {
    throw new Error('The tests need prometheus in PATH: apt-get install prometheus, or brew install prometheus.');
  });
  const ready = async () => (await fetch(`${url}/-/ready`)).ok;
  await Promise.race([failed, eventually(ready, { timeoutMs: 30_000, everyMs: 100 })]);
  failed.catch(() => undefined);
  const ask = async (path: string): Promise<unknown> => (await fetch(`${url}/api/v1/${path}`)).json();
  return {
    async exemplars(query) {
      const range = { query, start: String(Date.now() / 1000 - 600), end: String(Date.now() / 1000 + 60) };
      return Exemplars.parse(await ask(`query_exemplars?${new URLSearchParams(range).toString()}`)).data;
    },
    async errors() {
      const { data } = Targets.parse(await ask('targets'));
      return data.activeTargets.flatMap(({ health, scrapeUrl, lastError }) =>
        health === 'up' ? [] : `${scrapeUrl}: ${lastError}`,
      );
    },
    async stop() {
      program.kill('SIGKILL');
      await ended;
      await directory.remove();
    },
  };
}
