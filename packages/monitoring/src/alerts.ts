/** What Tintype's rules watch, and from which figures on they complain. */
import { api } from './alerts/api.js';
import { dependencies } from './alerts/dependencies.js';
import { pods } from './alerts/pods.js';
import { queue } from './alerts/queue.js';
import { webhooks } from './alerts/webhooks.js';
import { upkeep, worker } from './alerts/worker.js';
import type { RuleDeclarations } from './rules.js';
import { sloDeclarations, type SloId, slos } from './slo.js';

/** Of some SLOs, what the operator wants: a share, or what a template of Helm will put there. */
export type Objectives = Readonly<Partial<Record<SloId, number | string>>>;

export function declarationsFor(objectives: Objectives): readonly RuleDeclarations[] {
  const ofSlos = slos.map((slo) => sloDeclarations(slo, objectives[slo.id]));
  return [...ofSlos, api, queue, worker, upkeep, dependencies, webhooks, pods];
}

export const ruleDeclarations = declarationsFor({});
