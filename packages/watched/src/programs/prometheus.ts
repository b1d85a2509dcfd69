/** A Prometheus that scrapes the site's processes, has the rules and tells Alertmanager. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lastingPort } from '@tintype/faults';
import { type Program, startProgram } from './program.js';

export interface PrometheusOptions {
  /** For its data and its configuration; made by it. */
  readonly directory: string;
  /** The groups of a file of rules. */
  readonly rules: readonly object[];
  /** Before it is told of others. */
  readonly targets: readonly Target[];
  readonly alertmanagerUrl: string;
  /** Between two scrapes of a target, and between two evaluations of a rule. */
  readonly intervalSeconds: number;
}

/** An address with the labels that service discovery gives to it. */
export interface Target {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  /** Of alerting rules. */
  readonly state?: 'inactive' | 'pending' | 'firing';
}

export interface PendingAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  /** Since when its expression has held; RFC 3339. */
  readonly activeAt: string;
}

type QueryResult =
  | { readonly resultType: 'scalar'; readonly result: readonly [time: number, value: string] }
  | {
      readonly resultType: 'vector';
      readonly result: readonly { readonly metric: Sample['metric']; readonly value: readonly [time: number, value: string] }[];
    };

export class Prometheus {
  private constructor(
    readonly url: string,
    private readonly targetsFile: string,
    private readonly program: Program,
  ) {}

  static async start({ directory, rules, targets, alertmanagerUrl, intervalSeconds }: PrometheusOptions): Promise<Prometheus> {
    await mkdir(directory);
    const file = (name: string): string => join(directory, name);
    const targetsFile = file('targets.json');
    await writeTargets(targetsFile, targets);
    // JSON is YAML.
    await writeFile(file('rules.json'), JSON.stringify({ groups: rules }));
    const interval = `${intervalSeconds}s`;
    const configuration = {
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: [file('rules.json')],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanagerUrl).host] }] }] },
      // What a target says of its labels itself stands: the kubelet speaks of other pods.
      scrape_configs: [{ job_name: 'site', honor_labels: true, file_sd_configs: [{ files: [targetsFile] }] }],
    };
    await writeFile(file('prometheus.json'), JSON.stringify(configuration));
    const port = await lastingPort();
    const url = `http://127.0.0.1:${port}`;
    const program = await startProgram({
      names: ['prometheus'],
      args: [
        `--config.file=${file('prometheus.json')}`,
        `--storage.tsdb.path=${file('data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--enable-feature=exemplar-storage',
        '--log.level=warn',
      ],
      readyUrl: `${url}/-/ready`,
      packages: 'Debian and Homebrew: prometheus',
    });
    return new Prometheus(url, targetsFile, program);
  }

  /** From now on these, and no others. */
  async scrape(targets: readonly Target[]): Promise<void> {
    await writeTargets(this.targetsFile, targets);
  }

  /** The samples of an instant query; a scalar is one without labels. Rejects with what Prometheus has against the query. */
  async query(expression: string): Promise<Sample[]> {
    const { resultType, result } = await this.#ask<QueryResult>(`query?query=${encodeURIComponent(expression)}`);
    if (resultType === 'scalar') return [{ metric: {}, value: Number(result[1]) }];
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** Whether it has any sample that a graph can show. */
  async hasData(expression: string): Promise<boolean> {
    return (await this.query(expression)).some(({ value }) => !Number.isNaN(value));
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#ask<{ groups: readonly { rules: readonly Rule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async alerts(): Promise<readonly PendingAlert[]> {
    return (await this.#ask<{ alerts: readonly PendingAlert[] }>('alerts')).alerts;
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }

  async #ask<T>(path: string): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    const answer = (await response.json()) as { readonly status: string; readonly data: T; readonly error?: string };
    if (answer.status !== 'success') throw new Error(`Prometheus: ${answer.error}`);
    return answer.data;
  }
}

/** In one step: it is read whenever it changes. */
async function writeTargets(path: string, targets: readonly Target[]): Promise<void> {
  const groups = targets.map(({ address, labels }) => ({ targets: [address], labels }));
  await writeFile(`${path}.new`, JSON.stringify(groups));
  await rename(`${path}.new`, path);
}
