/**
 * Who is told and when: the example of the values for a cluster on this machine, with the inhibitions that are advised, told to one receiver
 * and in time lapse.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '@tintype/faults';
import { inhibitions } from '@tintype/monitoring';
import { parse } from 'yaml';
import { lapsedDuration, secondsOf } from './time-lapse.js';

export interface Routing {
  /** As alertmanager.yml has it. */
  readonly configuration: object;
  /** The longest that an alert waits for others, so that one message has them all. */
  readonly tellingSeconds: number;
}

const durations = new Set(['group_wait', 'group_interval', 'repeat_interval']);
const waits = new Set(['group_wait', 'group_interval']);

/** `receiver`: the URL in whose place the example names servers that are not there; the paths stay. */
export async function exampleRouting(factor: number, receiver: string): Promise<Routing> {
  const values = parse(await readFile(join(root, 'packages/kind/values/kube-prometheus-stack.yaml'), 'utf8')) as {
    readonly alertmanager: { readonly config: object };
  };
  let tellingSeconds = 0;
  const lapsed = JSON.parse(JSON.stringify(values.alertmanager.config), (key, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (key === 'url') return new URL(new URL(value).pathname, receiver).href;
    if (!durations.has(key)) return value;
    if (waits.has(key)) tellingSeconds = Math.max(tellingSeconds, secondsOf(value) / factor);
    return lapsedDuration(value, factor);
  }) as object;
  return { configuration: { ...lapsed, inhibit_rules: inhibitions() }, tellingSeconds };
}
