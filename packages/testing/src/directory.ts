import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestDirectory {
  readonly path: string;
  remove(): Promise<void>;
}

/** An empty directory of its own, below the temporary one. */
export async function testDirectory(): Promise<TestDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'tintype-spec-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
