/** What would make a start fail in an obscure way later. */
import { existsSync } from 'node:fs';
import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { portIsFree } from '../ports.js';
import { Complaint } from './complaint.js';
import { root, type RunSettings } from './settings.js';

/** A fresh PostgreSQL takes 40 MB, the first write-ahead log files and some images the rest. */
const neededBytes = 200 * 1024 * 1024;

export async function checkPreconditions(settings: RunSettings): Promise<void> {
  await expectFreePort('API_PORT', settings.apiPort, settings.metricsPort);
  await expectFreePort('METRICS_PORT', settings.metricsPort, settings.apiPort);
  if (settings.apiPort === settings.metricsPort) throw new Complaint('API_PORT and METRICS_PORT must differ.');
  for (const service of ['api', 'worker']) {
    if (!existsSync(join(root, 'services', service, 'dist', 'main.js')))
      throw new Complaint(`services/${service} is not built: make build`);
  }
  await mkdir(settings.dataDirectory, { recursive: true });
  const { bavail, bsize } = await statfs(settings.dataDirectory);
  if (bavail * bsize < neededBytes) {
    const [needed, left] = [neededBytes, bavail * bsize].map((bytes) => Math.round(bytes / 1024 / 1024));
    throw new Complaint(
      `The disk is full: ${settings.dataDirectory} needs ${needed} MB and has ${left} MB left. DATA_DIR=… puts it elsewhere.`,
    );
  }
}

async function expectFreePort(setting: string, port: number, taken: number): Promise<void> {
  if (await portIsFree(port)) return;
  let free = port + 1;
  while (free === taken || !(await portIsFree(free))) free++;
  throw new Complaint(`Port ${port} is in use by another program. Take another one: ${setting}=${free} make run`);
}
