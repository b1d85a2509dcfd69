/** Routes that are not controllers of this service: probes, metrics and this description. */
import type { OpenAPIObject } from '@nestjs/swagger';

type PathsObject = OpenAPIObject['paths'];

const tags = ['Operation'];

function probe(operationId: string, summary: string): PathsObject[string] {
  const content = {
    'application/json': { schema: { type: 'object', required: ['status'], properties: { status: { type: 'string' } } } },
  };
  return {
    get: { operationId, summary, tags, responses: { 200: { description: 'Yes', content }, 503: { description: 'No', content } } },
  };
}

function page(operationId: string, summary: string, mediaType: string): PathsObject[string] {
  return { get: { operationId, summary, tags, responses: { 200: { description: summary, content: { [mediaType]: {} } } } } };
}

export const operationalPaths: PathsObject = {
  '/livez': probe('livez', 'Whether the process lives'),
  '/readyz': probe('readyz', 'Whether it should get requests'),
  '/startupz': probe('startupz', 'Whether it has started'),
  '/metrics': page('metrics', 'Metrics for Prometheus', 'text/plain'),
  '/openapi.json': page('openapi', 'This description', 'application/json'),
  '/docs': page('docs', 'This description for people', 'text/html'),
  '/': {
    get: { operationId: 'root', summary: 'Leads to the documentation', tags, responses: { 302: { description: 'To `/docs`' } } },
  },
};
