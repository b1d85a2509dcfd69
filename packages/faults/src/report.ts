import { rm } from 'node:fs/promises';
import { full } from './size.js';
import type { Report } from './violation.js';

/** Tells what was done, and fails with all that is broken. */
export function expectHolds(report: Report): void {
  tell(report);
  expect(report.violations).toEqual([]);
}

/** Passes when this is broken: the report of a scenario whose guard was taken out. */
export async function expectBroken(report: Report, rule: string, what: RegExp): Promise<void> {
  tell(report);
  expect(report.violations).toContainEqual({ rule, what: expect.stringMatching(what) });
  // It is as it is meant to be: nobody needs its files.
  await rm(String(report.facts['files']), { recursive: true });
}

function tell({ facts, seed }: Report): void {
  const all = { size: full ? 'full' : 'ci', seed, ...facts };
  const line = Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join(' · ');
  console.log(`${expect.getState().currentTestName}\n  ${line}`);
}
