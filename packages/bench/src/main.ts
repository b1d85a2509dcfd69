/**
 * `make bench`: measures everything and writes docs/benchmarks.md. With names of benchmarks it measures these, and writes their sections.
 * QUICK=1 goes through the motions to see that they work, and writes nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accept } from './accept.js';
import type { Benchmark, Extent } from './benchmark.js';
import { bloat } from './bloat.js';
import { fidelity } from './fidelity.js';
import { history } from './history.js';
import { instrumentation } from './instrumentation.js';
import { memory } from './memory.js';
import { root } from './paths.js';
import { pickup } from './pickup.js';
import { asMarkdown, asText, type Result } from './report.js';
import { postgresVersion } from './stack.js';
import { scrape } from './scrape.js';
import { variants } from './variants.js';
import { worker } from './worker.js';

const benchmarks: readonly Benchmark[] = [
  variants,
  fidelity,
  worker,
  accept,
  memory,
  pickup,
  scrape,
  instrumentation,
  history,
  bloat,
];

const quick = process.env['QUICK'] === '1';
const extent: Extent = { quick, rounds: quick ? 1 : 5, seconds: quick ? 0.5 : 5, progress: (text) => console.log(`  ${text}`) };

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) {
    console.error(`Not measured: ${unknown.join(', ')}. There are: ${benchmarks.map(({ name }) => name).join(', ')}.`);
    return 1;
  }
  const results: Result[] = [];
  for (const benchmark of benchmarks.filter(({ name }) => names.length === 0 || names.includes(name))) {
    console.log(`${benchmark.title}`);
    const rows = await collect(benchmark.rows(extent));
    console.log(`\n${asText({ benchmark, rows })}\n`);
    results.push({ benchmark, rows });
  }
  if (!quick) {
    const path = join(root, 'docs', 'benchmarks.md');
    const facts = { postgres: await postgresVersion(), date: new Date(), before: await readFile(path, 'utf8') };
    await writeFile(path, asMarkdown(benchmarks, results, facts));
    console.log('wrote docs/benchmarks.md');
  }
  return 0;
}

async function collect<Item>(items: AsyncGenerator<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
