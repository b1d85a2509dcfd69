/** How a fault is tried: on a site of its own, and whatever the scenario does, all invariants are checked after it. */
import { checkInvariants, type InvariantOptions } from './invariants.js';
import { Site, type SiteOptions } from './site/site.js';
import type { Report } from './violation.js';

export interface ScenarioOptions extends SiteOptions, InvariantOptions {
  /** Done before anything else. */
  readonly prepare?: (site: Site) => Promise<unknown>;
}

export async function onSite(options: ScenarioOptions, scenario: (site: Site) => Promise<void>): Promise<Report> {
  const site = await Site.open(options);
  const began = performance.now();
  let broken = true;
  try {
    await options.prepare?.(site);
    await scenario(site);
    await checkInvariants(site, options);
    broken = site.violations.length > 0;
    const { violations, facts, random } = site;
    facts['jobs'] ??= site.client.accepted.size;
    facts['took, s'] = Math.round((performance.now() - began) / 100) / 10;
    if (broken) facts['files'] = site.directory;
    return { violations, facts, seed: random.seed };
  } finally {
    await site.close({ keep: broken });
  }
}
