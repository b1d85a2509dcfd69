/** `helm test`: sends a picture through the whole release, with the image of the API, which is there anyway. */
import type { App } from 'cdk8s';
import type { IPod } from 'kubernetes-models/v1';
import { optional } from '../helm/directives.js';
import { include } from '../helm/expression.js';
import { Manifest, TemplateFile } from '../helm/manifest.js';
import { labelsOf, nameOf } from './names.js';
import { v } from './values.js';

const script = `
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const form = new FormData();
form.set('action', 'grayscale');
form.set('file', new Blob([picture], { type: 'image/png' }), 'pixel.png');
const signal = AbortSignal.timeout(60_000);
const response = await fetch(process.env.API + '/v1/jobs', { method: 'POST', body: form, headers: { Prefer: 'wait=30' }, signal });
const job = await response.json();
console.log(response.status, JSON.stringify(job));
if (job.status !== 'completed') process.exit(1);
const output = await fetch(process.env.API + '/v1/jobs/' + job.id + '/outputs/image', { signal });
console.log(output.status, output.headers.get('content-type'), (await output.arrayBuffer()).byteLength);
if (!output.ok) process.exit(1);
await fetch(process.env.API + '/v1/jobs/' + job.id, { method: 'DELETE', signal });
`.trim();

export function smokeTest(app: App): void {
  new Manifest<IPod>(new TemplateFile(app, 'test/pod.yaml'), 'pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: nameOf('test'),
      labels: labelsOf('test'),
      annotations: { 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
    },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...optional('imagePullSecrets', v.imagePullSecrets),
      securityContext: v.podSecurityContext,
      containers: [
        {
          name: 'test',
          image: include('tintype.image', { image: v.api.image.all }),
          imagePullPolicy: v.api.image.pullPolicy,
          command: ['node', '--input-type=module', '--eval', script],
          env: [{ name: 'API', value: `http://${nameOf('api')}:${v.api.service.port}` }],
          resources: v.migration.resources,
          securityContext: v.containerSecurityContext,
        },
      ],
    },
  });
}
