/** `make watch/faults`: every fault, one group after the other; writes how long the alerts took into docs/monitoring.md. */
import { faults } from '@tintype/monitoring';
import { onWatchedSite } from './command.js';
import { all } from './faults/all.js';
import { type Call, inject } from './faults/inject.js';
import { byCommand, writeFigures } from './figures.js';
import { Traffic } from './traffic/traffic.js';
import type { WatchedSite } from './watched-site.js';

/** Names of faults; none: all. */
const wanted = new Set(process.argv.slice(2));

const unknown = [...wanted].filter((name) => !(faults as readonly string[]).includes(name));
if (unknown.length > 0) {
  console.error(`There is no fault ${unknown.join(', ')}; there are ${faults.join(', ')}.`);
  process.exit(1);
}

await onWatchedSite({}, async (watched) => {
  const traffic = await Traffic.start(watched.site);
  const { calls, failures } = await injectAll(watched);
  await traffic.stop();
  if (failures.length === 0 && wanted.size === 0) await writeFigures('faults', asMarkdown(calls, watched.factor));
  console.log(`${calls.length} passed, ${failures.length} failed`);
  return failures.length === 0;
});

async function injectAll(
  watched: WatchedSite,
): Promise<{ readonly calls: readonly Call[]; readonly failures: readonly string[] }> {
  const [calls, failures]: [Call[], string[]] = [[], []];
  for (const group of all) {
    const chosen = wanted.size === 0 ? group : group.filter(({ faults: names }) => names.some((name) => wanted.has(name)));
    if (chosen.length === 0) continue;
    console.log(chosen.map(({ title }) => title).join('; '));
    try {
      const { resolved } = await inject(watched, chosen);
      const seen = await resolved;
      for (const row of rowsOf(seen)) console.log(`  ${row.slice(1).join('  ')}`);
      calls.push(...seen);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
      console.error(failures.at(-1));
    }
  }
  return { calls, failures };
}

function rowsOf(calls: readonly Call[]): string[][] {
  return calls.map(({ scenario, alert, labels, seenAfter, calledAfter, promised, resolvedAfter }) => {
    const which = Object.values(labels).join(', ');
    return [
      scenario.title,
      which ? `${alert} (${which})` : alert,
      seconds(seenAfter),
      calledAfter === undefined ? 'inhibited' : seconds(calledAfter),
      seconds(promised),
      resolvedAfter === undefined ? '' : seconds(resolvedAfter),
    ];
  });
}

function asMarkdown(calls: readonly Call[], factor: number): string {
  const head = [
    'fault',
    'alert',
    'holds after, s',
    'somebody is told after another, s',
    'promised, s',
    'told that it is over after, s',
  ];
  const lines = [head, ['---', '---', '---:', '---:', '---:', '---:'], ...rowsOf(calls)].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return `${byCommand('make watch/faults')}, the rules ${factor} times as fast as they ship:\n\n${lines.join('\n')}`;
}

function seconds(value: number): string {
  return value.toFixed(1);
}
