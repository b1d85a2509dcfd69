/** What PostgreSQL really does for each statement: its extension auto_explain tells. */
import type { ClientBase } from 'pg';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../database.js';
import { parseSettings } from './job-database.js';

/** Of a statement, also one of a trigger or a foreign key. */
export interface ExecutedPlan {
  readonly statement: string;
  /** Tables of which every row was read. */
  readonly tables: readonly string[];
  /** By which rows were found. */
  readonly indexes: readonly string[];
  /** How many blocks of 8 kB were read, of tables and indexes. */
  readonly blocks: number;
}

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly Node[];
}

interface Explained {
  readonly 'Query Text': string;
  readonly Plan: Node;
}

const settings = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_level': 'notice',
  'auto_explain.log_format': 'json',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_nested_statements': 'on',
};

/** A single connection, for `ExecutedPlans`. Takes a superuser. */
export async function connectExplained(database: { readonly DATABASE_URL: string }): Promise<DataSource> {
  const options = dataSourceOptions(parseSettings({ ...database, PG_POOL_SIZE: '1' }));
  const explain = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const extra = options.extra as { readonly options: string };
  Object.assign(extra, { options: [extra.options, ...explain].join(' '), idleTimeoutMillis: 0 });
  return new DataSource(options).initialize();
}

export class ExecutedPlans {
  readonly #plans: ExecutedPlan[] = [];

  private constructor(private readonly dataSource: DataSource) {}

  static async on(dataSource: DataSource): Promise<ExecutedPlans> {
    const plans = new ExecutedPlans(dataSource);
    const runner = dataSource.createQueryRunner();
    const client = (await runner.connect()) as ClientBase;
    client.on('notice', ({ message = '' }) => plans.#read(message));
    await runner.release();
    return plans;
  }

  /** Of all that runs until `work` is done. */
  async during(work: () => Promise<unknown>): Promise<readonly ExecutedPlan[]> {
    await this.dataSource.query('set auto_explain.log_min_duration = 0');
    await work();
    await this.dataSource.query('set auto_explain.log_min_duration = -1');
    return this.#plans.splice(0);
  }

  #read(message: string): void {
    const [, json] = /^duration: .* plan:\n(.*)$/s.exec(message) ?? [];
    if (json === undefined) return;
    const { Plan: plan, 'Query Text': statement } = JSON.parse(json) as Explained;
    const nodes = [...nodesOf(plan)];
    this.#plans.push({
      statement,
      tables: nodes.flatMap((node) => (node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [])),
      indexes: nodes.flatMap((node) => node['Index Name'] ?? []),
      blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
    });
  }
}

function* nodesOf(node: Node): Generator<Node> {
  yield node;
  for (const child of node.Plans ?? []) yield* nodesOf(child);
}
