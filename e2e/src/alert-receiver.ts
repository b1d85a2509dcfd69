/** Where the Alertmanager of the cluster sends its notifications: what its routing names as `page` and `ticket`. */
import { create, imageOf, kubectl } from './cluster.js';

/** An alert as a notification of Alertmanager has it. */
export interface NotifiedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Notification {
  readonly receiver: string;
  readonly alerts: readonly NotifiedAlert[];
}

/** As the URLs in packages/kind/values/kube-prometheus-stack.yaml have it. */
const namespace = 'monitoring';
const name = 'alert-receiver';
const port = 8080;
const program = `
const { json } = require('node:stream/consumers');
const notifications = [];
require('node:http').createServer(async (request, response) => {
  if (request.method === 'POST') notifications.push(await json(request));
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(notifications));
}).listen(${port});
`;

export class AlertReceiver {
  static async start(): Promise<AlertReceiver> {
    const metadata = { name, namespace, labels: { app: name } };
    const container = {
      name,
      image: await imageOf('api'),
      command: ['node', '-e', program],
      readinessProbe: { httpGet: { path: '/', port }, periodSeconds: 1 },
    };
    const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, containers: [container] };
    for (const object of [
      { apiVersion: 'v1', kind: 'Pod', metadata, spec },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: name }, ports: [{ port }] } },
    ]) {
      const { exitCode, stderr } = await create(object);
      if (exitCode !== 0) throw new Error(stderr);
    }
    await kubectl('wait', '--for=condition=Ready', '-n', namespace, `pod/${name}`, '--timeout=60s');
    return new AlertReceiver();
  }

  /** Every notification about an alert, oldest first, with the receiver that it was for. */
  async about(alertname: string): Promise<(NotifiedAlert & { readonly receiver: string })[]> {
    const all = await kubectl('get', '--raw', `/api/v1/namespaces/${namespace}/services/http:${name}:${port}/proxy/`);
    return (JSON.parse(all) as Notification[]).flatMap(({ receiver, alerts }) =>
      alerts.flatMap((alert) => (alert.labels['alertname'] === alertname ? [{ ...alert, receiver }] : [])),
    );
  }

  async remove(): Promise<void> {
    await kubectl('delete', 'pod,service', '-n', namespace, '-l', `app=${name}`, '--now');
  }
}
