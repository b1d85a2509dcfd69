import { Cluster } from './cluster.js';
import { grafanaPasswordArgs, localUrl, portForwardArgs, typed } from './forwards.js';

const cluster = new Cluster('tintype');

test('the commands can be typed as they are printed', () => {
  expect(typed(portForwardArgs(cluster, 'grafana'))).toBe(
    'kubectl --context kind-tintype --namespace monitoring port-forward service/kps-grafana 3000:80',
  );
  expect(typed(grafanaPasswordArgs(cluster))).toBe(
    `kubectl --context kind-tintype --namespace monitoring get secret kps-grafana --output 'go-template={{index .data "admin-password" | base64decode}}'`,
  );
});

test('Prometheus and Alertmanager are found by the names that kube-prometheus-stack gives them', () => {
  expect(portForwardArgs(cluster, 'prometheus').slice(-2)).toEqual(['service/kps-kube-prometheus-stack-prometheus', '9090:9090']);
  expect(portForwardArgs(cluster, 'alertmanager').slice(-2)).toEqual([
    'service/kps-kube-prometheus-stack-alertmanager',
    '9093:9093',
  ]);
});

test('another port of this machine can be taken', () => {
  expect(portForwardArgs(cluster, 'prometheus', 9999).at(-1)).toBe('9999:9090');
  expect(localUrl('prometheus', 9999)).toBe('http://localhost:9999');
});
