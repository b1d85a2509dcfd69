import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastingPort } from '@tintype/faults';
import { type Program, startProgram } from './program.js';

export interface AlertmanagerOptions {
  /** For its data and its configuration; made by it. */
  readonly directory: string;
  /** As alertmanager.yml has it. */
  readonly configuration: object;
}

/** What Alertmanager knows of an alert. */
export interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly status: { readonly state: 'active' | 'suppressed' | 'unprocessed'; readonly inhibitedBy: readonly string[] };
}

export class Alertmanager {
  private constructor(
    readonly url: string,
    private readonly program: Program,
  ) {}

  static async start({ directory, configuration }: AlertmanagerOptions): Promise<Alertmanager> {
    await mkdir(directory);
    // JSON is YAML.
    const file = join(directory, 'alertmanager.json');
    await writeFile(file, JSON.stringify(configuration));
    const port = await lastingPort();
    const url = `http://127.0.0.1:${port}`;
    const program = await startProgram({
      names: ['alertmanager', 'prometheus-alertmanager'],
      args: [
        `--config.file=${file}`,
        `--storage.path=${join(directory, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        // Alone, without looking for others.
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      readyUrl: `${url}/-/ready`,
      packages: 'Debian: prometheus-alertmanager, Homebrew: alertmanager',
    });
    return new Alertmanager(url, program);
  }

  /** Of which somebody was told, or would have been if another alert did not say it already. */
  async alerts(name: string): Promise<readonly KnownAlert[]> {
    const response = await fetch(`${this.url}/api/v2/alerts?filter=${encodeURIComponent(`alertname="${name}"`)}`);
    return (await response.json()) as readonly KnownAlert[];
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}
