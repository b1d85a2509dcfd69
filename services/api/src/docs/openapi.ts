/** The OpenAPI 3.1 description of this API, made from its routes and their schemas. */
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { BatchWebhookPayload, JobWebhookPayload, TestWebhookPayload } from '@tintype/jobs';
import { actionIds } from '@tintype/operations';
import { z } from 'zod';
import { JobEvent } from '../events/job-event.js';
import { CreateBatch } from '../batches/batch-requests.js';
import { CreateJob, CreateJobOfFile } from '../jobs/job-requests.js';
import { version } from '../version.js';
import {
  ChangeWebhookEndpoint,
  CreateWebhookEndpoint,
  RedeliverWebhooks,
  RotateWebhookSecret,
} from '../webhooks/webhook-requests.js';
import { webhooks } from '../webhooks/webhooks.openapi.js';
import { operationalPaths } from './operational-paths.js';
import { ProblemDocument } from './problem-document.js';

type Schema = Record<string, unknown>;
type Components = Record<string, Schema>;

const anyBytes = { type: 'string', contentMediaType: 'application/octet-stream' };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const createJobBody = {
  description:
    'A document that names its source, or a form with the image as `file` and either `job` or the fields of the short form, in any order',
  required: true,
  content: {
    'application/json': { schema: ref('CreateJob') },
    'multipart/form-data': {
      schema: {
        oneOf: [
          {
            title: 'With a job',
            type: 'object',
            required: ['file', 'job'],
            additionalProperties: false,
            properties: { file: anyBytes, job: ref('CreateJobOfFile') },
          },
          {
            title: 'Short form',
            description:
              'One output, named `image`. The options of the action, and those of an output (`format`, `quality` …), are further fields.',
            type: 'object',
            required: ['file', 'action'],
            properties: { file: anyBytes, action: { enum: actionIds } },
          },
        ],
      },
      encoding: { job: { contentType: 'application/json' } },
    },
  },
};

const createBatchBody = { required: true, content: { 'application/json': { schema: ref('CreateBatch') } } };

const createUploadBody = {
  required: true,
  content: {
    'image/*': { schema: anyBytes },
    'multipart/form-data': {
      schema: { type: 'object', required: ['file'], additionalProperties: false, properties: { file: anyBytes } },
    },
  },
};

/** From the decorators of the routes, and what these cannot express: bodies of several types, and routes of other packages. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Tintype')
    .setDescription('Asynchronous image processing: send an image and what to make of it, get a job, download its outputs.')
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, config, { standardSchemaConverter: convertSchema });
  Object.assign(document.paths, operationalPaths);
  Object.assign(document.paths['/v1/jobs']?.post ?? {}, { requestBody: createJobBody });
  Object.assign(document.paths['/v1/batches']?.post ?? {}, { requestBody: createBatchBody });
  Object.assign(document.paths['/v1/uploads']?.post ?? {}, { requestBody: createUploadBody });
  document.components = { schemas: { ...document.components?.schemas, ...bodySchemas } } as NonNullable<
    OpenAPIObject['components']
  >;
  return { ...document, webhooks };
}

const bodySchemas: Components = Object.assign(
  {},
  ...[
    CreateJob,
    CreateJobOfFile,
    CreateBatch,
    JobEvent,
    CreateWebhookEndpoint,
    ChangeWebhookEndpoint,
    RotateWebhookSecret,
    RedeliverWebhooks,
    JobWebhookPayload,
    BatchWebhookPayload,
    TestWebhookPayload,
    ProblemDocument,
  ].map((schema) => convertSchema(schema).components),
);

/** What has an id becomes a component. Schemas are shown as clients write them, so that one schema is not two components. */
function convertSchema(schema: unknown): { schema: Schema; components: Components } {
  const type = schema as z.ZodType;
  const { $schema: _, $defs = {}, ...root } = renamed(z.toJSONSchema(type, { io: 'input' })) as Schema & { $defs?: Components };
  const id = type.meta()?.id;
  if (id === undefined) return { schema: root, components: $defs };
  // zod puts the schema itself among the definitions where it was cloned from one that is there.
  return { schema: ref(id), components: { [id]: root, ...$defs } };
}

function renamed(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as object;
}
