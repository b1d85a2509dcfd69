/** After checks that failed: what the cluster looks like, as it may be gone when somebody wants to know. */
import { kubectl, namespace } from '../cluster.js';

const looks: readonly (readonly string[])[] = [
  ['get', 'pods', '-A', '-o', 'wide'],
  ['get', 'events', '-n', namespace, '--sort-by=.lastTimestamp'],
  ['logs', '-n', namespace, '-l', 'app.kubernetes.io/component=api', '--prefix', '--tail=30'],
  ['logs', '-n', namespace, '-l', 'app.kubernetes.io/component=worker', '--prefix', '--tail=30'],
];

/** What Jest tells of the whole run. */
interface Results {
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

export default class Diagnostics {
  async onRunComplete(_contexts: unknown, { numFailedTests, numRuntimeErrorTestSuites }: Results): Promise<void> {
    if (numFailedTests + numRuntimeErrorTestSuites === 0) return;
    for (const look of looks) {
      const seen = await kubectl(...look).catch((error: unknown) => String(error));
      process.stderr.write(`\n$ kubectl ${look.join(' ')}\n${seen.trimEnd().split('\n').slice(-40).join('\n')}\n`);
    }
  }
}
