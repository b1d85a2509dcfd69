import { openRun } from '../site/run-directory.js';

export default async function globalSetup(): Promise<void> {
  await openRun();
}
