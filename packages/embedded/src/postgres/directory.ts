import { createHash } from 'node:crypto';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { canEnter, type Account } from './account.js';

/** Where root keeps what PostgreSQL's account cannot reach inside of a checkout such as /root/tintype (mode 0700). */
export const stateDirectory = process.env['STATE_DIR'] ?? '/var/lib/tintype';

/** Creates the wanted directory for the account, or one below {@link stateDirectory} that stands for it. */
export async function postgresDirectory(account: Account, wanted: string): Promise<string> {
  await mkdir(wanted, { recursive: true });
  if (!('uid' in account)) return wanted;
  const directory = canEnter(account, wanted) ? wanted : await standIn(wanted);
  await chown(directory, account.uid, account.gid);
  return directory;
}

async function standIn(wanted: string): Promise<string> {
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const ofCheckout = await passableDirectory(join(stateDirectory, hash));
  const directory = join(ofCheckout, basename(wanted));
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Creates a directory that everybody may pass through, whatever the umask is. */
export async function passableDirectory(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  for (const path of [stateDirectory, directory]) await chmod(path, 0o711);
  return directory;
}
