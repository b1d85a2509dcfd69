/** Something for dashboards and rules to show: a job that completes, one that fails, and looks at both. */
import { samples } from '@tintype/testing';
import { ingress } from './site.js';
import { Tintype } from './tintype.js';

export async function makeTraffic(): Promise<void> {
  const tintype = new Tintype(ingress());
  const outputs = [{ name: 'gray', operations: [{ operation: 'grayscale' }] }];
  const pictures = [await samples.photo(320, 240), await samples.truncatedJpeg()];
  const jobs = await Promise.all(pictures.map((picture) => tintype.submit(picture, { outputs })));
  await Promise.all(jobs.map((job) => tintype.finished(job)));
  tintype.site.close();
}
