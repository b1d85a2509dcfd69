/** How requests from outside reach the API: Ingress, or HTTPRoute of the Gateway API. */
import type { IHTTPRoute } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import type { App } from 'cdk8s';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1';
import { optional, range, when } from '../helm/directives.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { apiPort, publicPaths } from './api.js';
import { labelsOf, nameOf } from './names.js';
import { v } from './values.js';

export function routes(app: App): void {
  ingress(app);
  httpRoute(app);
}

function ingress(app: App): void {
  const { enabled, className, annotations, hosts, tls } = v.ingress;
  const backend = { service: { name: nameOf('api'), port: { name: apiPort } } };
  new Manifest<IIngress>(
    new TemplateFile(app, 'api/ingress.yaml'),
    'ingress',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: nameOf('api'), labels: labelsOf('api'), ...optional('annotations', annotations) },
      spec: {
        ...optional('ingressClassName', className),
        rules: [
          range(hosts, 'host', (host) => ({
            host,
            http: { paths: publicPaths.map(({ path, exact }) => ({ path, pathType: exact ? 'Exact' : 'Prefix', backend })) },
          })),
        ],
        ...optional('tls', tls),
      },
    },
    enabled,
  );
}

function httpRoute(app: App): void {
  const { enabled, annotations, parentRefs, hostnames, timeouts } = v.httpRoute;
  new Manifest<IHTTPRoute>(
    new TemplateFile(app, 'api/httproute.yaml'),
    'route',
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: nameOf('api'), labels: labelsOf('api'), ...optional('annotations', annotations) },
      spec: {
        parentRefs,
        ...optional('hostnames', hostnames),
        rules: [
          {
            matches: publicPaths.map(({ path: value, exact }) => ({ path: { type: exact ? 'Exact' : 'PathPrefix', value } })),
            backendRefs: [{ name: nameOf('api'), port: v.api.service.port }],
            ...when(timeouts.request, { timeouts: { request: timeouts.request } }),
          },
        ],
      },
    },
    enabled,
  );
}
