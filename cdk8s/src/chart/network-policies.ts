/** Who may connect to what. What is bundled connects to nothing itself. */
import type { App } from 'cdk8s';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IIoK8sApiNetworkingV1NetworkPolicySpec as Policy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicySpec';
import { items, optional, when } from '../helm/directives.js';
import type { Expression } from '../helm/expression.js';
import { Manifest, TemplateFile, type Templated } from '../helm/manifest.js';
import { apiPort } from './api.js';
import { runsObjectStorage, runsValkey } from './configuration.js';
import { type Component, labelsOf, nameOf, podsOf, selectorOf } from './names.js';
import { v } from './values.js';
import { workerPort } from './worker.js';

const { enabled, apiFrom, metricsFrom, restrictEgress, egress } = v.networkPolicy;

const services: readonly Component[] = ['api', 'worker'];

export function networkPolicies(app: App): void {
  policy(app, 'api', enabled, {
    ingress: [
      {
        ports: [{ port: apiPort }],
        ...when(apiFrom, { from: [items(apiFrom), { podSelector: podsOf('test') }] }),
      },
    ],
    ...restrictedEgress(),
  });
  policy(app, 'worker', enabled, {
    ingress: [{ ports: [{ port: workerPort }], ...optional('from', metricsFrom) }],
    ...restrictedEgress(),
  });
  storePolicy(app, 'postgresql', v.postgresql.enabled);
  storePolicy(app, 'valkey', runsValkey);
  storePolicy(app, 'object-storage', runsObjectStorage);
}

function storePolicy(app: App, component: Component, condition: Expression<boolean>): void {
  policy(app, component, enabled.and(condition), {
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: podsOf(...services) }] }],
    egress: [],
  });
}

function restrictedEgress(): Templated<Pick<Policy, 'policyTypes' | 'egress'>> {
  const dns = {
    ports: [
      { port: 53, protocol: 'UDP' as const },
      { port: 53, protocol: 'TCP' as const },
    ],
  };
  const bundled = { to: [{ podSelector: podsOf('postgresql', 'valkey', 'object-storage') }] };
  return when(restrictEgress, {
    policyTypes: ['Ingress', 'Egress'],
    egress: [dns, bundled, items(egress)],
  });
}

function policy(
  app: App,
  component: Component,
  condition: Expression<boolean>,
  spec: Templated<Pick<Policy, 'policyTypes' | 'ingress' | 'egress'>>,
): void {
  new Manifest<INetworkPolicy>(
    new TemplateFile(app, `${component}/networkpolicy.yaml`),
    'policy',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: nameOf(component), labels: labelsOf(component) },
      spec: { podSelector: { matchLabels: selectorOf(component) }, ...spec },
    },
    condition,
  );
}
