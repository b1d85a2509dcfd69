/** Brings faults about, waits until those who should be called have been, ends them, and waits until they are told of that, too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AlertingRule, ruleGroups } from '@tintype/monitoring';
import { eventually } from '@tintype/testing';
import { dashboardQueries, isOnlyOnClusters } from '../coverage.js';
import type { Notification } from '../inbox.js';
import { secondsOf } from '../time-lapse.js';
import { release, type WatchedSite } from '../watched-site.js';
import { clearQueue } from './jobs.js';
import type { Expectation, Scenario } from './scenario.js';

/** What became of an alert, in seconds. */
export interface Call {
  readonly scenario: Scenario;
  readonly alert: Expectation['alert'];
  readonly labels: Readonly<Record<string, string>>;
  /** From the beginning of the fault until the expression held. */
  readonly seenAfter: number;
  /** From there until somebody was told; undefined where another alert said it already. */
  readonly calledAfter: number | undefined;
  /** The most that the rule and the routing take for that. */
  readonly promised: number;
  /** From the end of the fault until somebody was told that it is over. */
  readonly resolvedAfter: number | undefined;
}

const callWithinMs = 120_000;
/** Some rules look back for six hours, which is six minutes. */
const resolveWithinMs = 480_000;
const fillWithinMs = 20_000;

export interface Injected {
  /** The alerts that called somebody, or would have if another one did not say it already. */
  readonly alerts: readonly string[];
  /** Resolves when the ends of all have been told. */
  readonly resolved: Promise<readonly Call[]>;
}

/** Begins when nothing that they bring holds any more. Resolves when all the faults of a group have been seen, and are over. Rejects when an alert, or a panel, does not show one. */
export async function inject(watched: WatchedSite, group: readonly Scenario[]): Promise<Injected> {
  const expected = new Set<string>(group.flatMap(({ alerts }) => alerts.map(({ alert }) => alert)));
  await watched.untilQuiet((alert) => expected.has(alert));
  const injecting = group.map((scenario) => injectOne(watched, scenario));
  await Promise.allSettled(injecting);
  const { apis, workers } = watched.site;
  await Promise.all([apis.settled(), workers.settled()]);
  await clearQueue(watched);
  const injected = await Promise.all(injecting);
  return {
    alerts: injected.flatMap(({ alerts }) => alerts),
    resolved: Promise.all(injected.map(({ resolved }) => resolved)).then((calls) => calls.flat()),
  };
}

async function injectOne(watched: WatchedSite, scenario: Scenario): Promise<Injected> {
  const began = Date.now();
  const end = await scenario.begin(watched);
  let seen: readonly SeenAlert[];
  try {
    seen = await Promise.all(scenario.alerts.map((expected) => untilSeen(watched, expected, scenario, began)));
    await untilFilled(watched, scenario);
  } finally {
    await end();
  }
  const ended = Date.now();
  const resolved = Promise.all(seen.map((alert) => untilResolved(watched, alert, ended)));
  // Whoever waits for it later hears of it then.
  resolved.catch(() => undefined);
  return { alerts: seen.map(({ alert }) => alert), resolved };
}

type SeenAlert = Omit<Call, 'resolvedAfter'>;

async function untilSeen(
  watched: WatchedSite,
  { alert, labels = {} }: Expectation,
  scenario: Scenario,
  began: number,
): Promise<SeenAlert> {
  const { inbox, alertmanager, factor, intervalSeconds, tellingSeconds } = watched;
  const rule = ruleOf(alert);
  const promised = secondsOf(rule.for) / factor + intervalSeconds + tellingSeconds;
  const told = await eventually<Notification | 'inhibited' | undefined>(
    async () => {
      const notification = inbox.find('firing', alert, began, labels);
      if (notification) return notification;
      const known = await alertmanager.alerts(alert);
      return known.some(({ status }) => status.inhibitedBy.length > 0) ? 'inhibited' : undefined;
    },
    { timeoutMs: callWithinMs, everyMs: 100 },
  ).catch(async () => {
    throw new Error(`${scenario.title}: nobody was called by ${alert}, whose rule is ${await stateOf(watched, alert)}`);
  });
  const activeAt = await heldSince(watched, alert, told === 'inhibited' ? labels : told.labels);
  return {
    scenario,
    alert,
    labels,
    seenAfter: (activeAt - began) / 1_000,
    calledAfter: told === 'inhibited' ? undefined : (told.receivedAt - activeAt) / 1_000,
    promised,
  };
}

async function untilResolved({ inbox }: WatchedSite, seen: SeenAlert, ended: number): Promise<Call> {
  if (seen.calledAfter === undefined) return { ...seen, resolvedAfter: undefined };
  const { receivedAt } = await eventually(() => inbox.find('resolved', seen.alert, ended, seen.labels), {
    timeoutMs: resolveWithinMs,
    everyMs: 250,
  }).catch(() => {
    throw new Error(`${seen.scenario.title}: nobody was told that ${seen.alert} is over`);
  });
  return { ...seen, resolvedAfter: (receivedAt - ended) / 1_000 };
}

/** Panels that only this fault fills. */
async function untilFilled(watched: WatchedSite, { faults, title }: Scenario): Promise<void> {
  const names: readonly string[] = faults;
  const queries = dashboardQueries(watched.intervalSeconds).filter(
    ({ mayBeEmpty, expr }) => mayBeEmpty?.filledBy && names.includes(mayBeEmpty.filledBy) && !isOnlyOnClusters(expr),
  );
  const empty = new Set(queries);
  const deadline = performance.now() + fillWithinMs;
  while (empty.size > 0) {
    for (const query of empty) if (await watched.prometheus.hasData(query.expr)) empty.delete(query);
    if (performance.now() > deadline) break;
    await sleep(250);
  }
  const left = [...empty].map(({ dashboard, panel, refId, expr }) => `${dashboard}: ${panel} ${refId}: ${expr}`);
  if (left.length > 0) throw new Error(`${title} leaves panels empty that it should fill:\n${left.join('\n')}`);
}

/** Since when the expression of an alert has held, in milliseconds since 1970. */
async function heldSince({ prometheus }: WatchedSite, alert: string, labels: Readonly<Record<string, string>>): Promise<number> {
  const active = (await prometheus.alerts()).filter(
    (each) => each.labels['alertname'] === alert && Object.entries(labels).every(([name, value]) => each.labels[name] === value),
  );
  return Math.min(...active.map(({ activeAt }) => Date.parse(activeAt)));
}

async function stateOf({ prometheus }: WatchedSite, alert: string): Promise<string> {
  const rule = (await prometheus.rules()).find(({ name }) => name === alert);
  return `${rule?.state ?? 'missing'}: ${rule?.query}`;
}

function ruleOf(alert: string): AlertingRule {
  const rules = ruleGroups(release).flatMap((group) => group.rules);
  const rule = rules.find((each): each is AlertingRule => 'alert' in each && each.alert === alert);
  if (!rule) throw new Error(`there is no rule ${alert}`);
  return rule;
}
