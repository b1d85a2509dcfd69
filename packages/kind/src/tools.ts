/** The programs that the verbs need, and where to get them. */
import { CommandFailure, run } from './command.js';
import { Complaint } from './complaint.js';

export interface Tool {
  readonly name: string;
  readonly probe: readonly string[];
  readonly about: string;
  readonly from: string;
}

const docker: Tool = {
  name: 'docker',
  probe: ['--version'],
  about: 'builds the images and runs the node of the cluster',
  from: 'https://docs.docker.com/get-started/get-docker/',
};
const kind: Tool = {
  name: 'kind',
  probe: ['version'],
  about: 'makes the cluster',
  from: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation (brew install kind)',
};
const kubectl: Tool = {
  name: 'kubectl',
  probe: ['version', '--client'],
  about: 'talks to the cluster',
  from: 'https://kubernetes.io/docs/tasks/tools/#kubectl (brew install kubectl)',
};
const helm: Tool = {
  name: 'helm',
  probe: ['version'],
  about: 'installs the charts',
  from: 'https://helm.sh/docs/intro/install (brew install helm)',
};

export const tools: readonly Tool[] = [docker, kind, kubectl, helm];

/** Rejects with a complaint that names everything that is missing, or that Docker does not run. */
export async function checkTools(needed = tools): Promise<void> {
  const found = await Promise.all(needed.map(isThere));
  const missing = needed.filter((_, index) => !found[index]);
  if (missing.length > 0) throw new Complaint(missingTools(missing));
  await run('docker', ['info']).catch((error: unknown) => {
    throw error instanceof CommandFailure ? new Complaint(dockerDoesNotAnswer(error)) : error;
  });
}

async function isThere({ name, probe }: Tool): Promise<boolean> {
  return run(name, probe).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    },
  );
}

export function missingTools(missing: readonly Tool[]): string {
  const width = Math.max(...missing.map(({ name }) => name.length));
  const lines = missing.map(({ name, about, from }) => `  ${name.padEnd(width)}  ${about}: ${from}`);
  return [`Not in the PATH, but needed for a cluster on this machine:`, ...lines, 'Without any of them: make run'].join('\n');
}

function dockerDoesNotAnswer({ errors }: CommandFailure): string {
  return `Docker is installed but does not answer. Start Docker Desktop, or: sudo systemctl start docker\n${errors.trim()}`;
}
