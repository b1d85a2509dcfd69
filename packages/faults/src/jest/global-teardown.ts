import { closeRun } from '../site/run-directory.js';

export default async function globalTeardown(): Promise<void> {
  await closeRun();
}
