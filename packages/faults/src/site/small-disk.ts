/** A disk that can be filled. */
import { rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from './exec.js';
import type { Fleet } from './fleet.js';

export interface SmallDisk {
  /** All but a few pages, so that some images find room and some find half of it. */
  fill(apis: Fleet): Promise<void>;
  free(apis: Fleet): Promise<void>;
  remove(): Promise<void>;
}

/**
 * So many megabytes (`3m`) at the directory where this process may mount them; elsewhere a limit to the size of files, which cuts writes
 * as a full disk does.
 */
export async function smallDisk(directory: string, size: `${number}m`): Promise<SmallDisk> {
  const mounted = await execFile('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tintype-faults', directory]).then(
    () => true,
    () => false,
  );
  return mounted ? tmpfs(directory) : fileSizeLimit;
}

function tmpfs(directory: string): SmallDisk {
  const ballast = join(directory, '.ballast');
  return {
    async fill() {
      const { bavail, bsize } = await statfs(directory);
      // The services write as well meanwhile, so that it may be full before all of this is written.
      await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error;
      });
      const { size } = await stat(ballast);
      await truncate(ballast, size - 5 * bsize);
    },
    free: () => rm(ballast),
    async remove() {
      await execFile('umount', ['--lazy', directory]);
    },
  };
}

const fileSizeLimit: SmallDisk = {
  fill: (apis) => limit(apis, '4096'),
  free: (apis) => limit(apis, 'unlimited'),
  async remove() {},
};

async function limit(apis: Fleet, bytes: string): Promise<void> {
  for (const { pid } of apis.working) await execFile('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}
