import { rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Complaint } from './complaint.js';

/**
 * Rejects when another process is at work on the cluster: two would undo each other's upgrades. Held as long as the process lives, or
 * until the server is closed. A file with a process id would outlive a process that was killed.
 */
export async function onlyOne(cluster: string): Promise<Server> {
  const path = join(tmpdir(), `tintype-up-${userInfo().uid}-${cluster}.sock`);
  if (await isHeld(path))
    throw new Complaint(`Another \`make up\` is at work on the cluster ${cluster}. Wait until it has ended.`);
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    const server = createServer().unref().once('error', reject);
    server.listen(path, () => resolve(server));
  });
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });
}
