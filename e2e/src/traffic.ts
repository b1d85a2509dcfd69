/** Something for dashboards and rules to show: a job that completes, one that fails, and looks at both and at what there is. */
import { samples } from '@tintype/testing';
import { ingress } from './site.js';
import { Tintype } from './tintype.js';

export async function makeTraffic(): Promise<void> {
  const tintype = new Tintype(ingress());
  const outputs = [{ name: 'gray', operations: [{ operation: 'grayscale' }] }];
  const pictures = [await samples.photo(320, 240), await samples.truncatedJpeg()];
  const jobs = await Promise.all(pictures.map((picture) => tintype.submit(picture, { outputs })));
  await Promise.all(jobs.map((job) => tintype.finished(job)));
  for (const path of ['/v1/operations', '/v1/jobs?limit=2']) await tintype.site.send({ path });
  tintype.site.close();
}
