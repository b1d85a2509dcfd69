/** Whom a pod can connect to, tried from within. */
import { create, imageOf, kubectl } from './cluster.js';

/** `HOST:PORT` and what came of it: `connected`, `timeout`, or an error code of the system. */
export type Connections = Readonly<Record<string, string>>;

/** For the network to learn of a new pod and what it may, and for one connection. */
const patienceMs = 6_000;
const timeoutMs = 3_000;
const program = `
const { connect } = require('node:net');
const { setTimeout: sleep } = require('node:timers/promises');
const giveUpAt = Date.now() + ${patienceMs};
const attempt = (target) => new Promise((resolve) => {
  const [host, port] = target.split(':');
  const socket = connect({ host, port: Number(port) });
  const end = (outcome) => { resolve(outcome); socket.destroy(); };
  socket.setTimeout(${timeoutMs}, () => end('timeout'));
  socket.once('connect', () => end('connected')).once('error', ({ code }) => end(code));
});
const outcomeOf = async (target) => {
  for (;;) {
    const outcome = await attempt(target);
    if (outcome === 'connected' || Date.now() > giveUpAt) return [target, outcome];
    await sleep(500);
  }
};
Promise.all(process.argv.slice(1).map(outcomeOf)).then((outcomes) => console.log(JSON.stringify(Object.fromEntries(outcomes))));
`;

/** From a container that has Node.js. */
export async function connectionsOf(namespace: string, pod: string, targets: readonly string[]): Promise<Connections> {
  return JSON.parse(await kubectl('exec', '-n', namespace, pod, '--', 'node', '-e', program, '--', ...targets)) as Connections;
}

/** From a pod of its own, which no selector of ours knows. */
export async function connectionsOfStranger(namespace: string, targets: readonly string[]): Promise<Connections> {
  const name = 'tintype-e2e-stranger';
  const created = await create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'stranger',
          image: await imageOf('api'),
          command: ['node', '-e', program, '--', ...targets],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  });
  if (created.exitCode !== 0) throw new Error(created.stderr);
  try {
    await kubectl('wait', '--for=jsonpath={.status.phase}=Succeeded', '-n', namespace, `pod/${name}`, '--timeout=60s');
    return JSON.parse(await kubectl('logs', '-n', namespace, name)) as Connections;
  } finally {
    await kubectl('delete', 'pod', '-n', namespace, name, '--now');
  }
}
