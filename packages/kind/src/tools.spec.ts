import { StandInPrograms } from './spec/stand-in-programs.js';
import { checkTools } from './tools.js';

let programs: StandInPrograms;
beforeEach(() => {
  programs = new StandInPrograms();
});
afterEach(() => programs.remove());

test('all the tools that are missing are named, with what they are for and where to get them', async () => {
  programs.add('docker');
  programs.add('helm');

  const complaint = await checkTools().catch((error: Error) => error.message);
  expect(complaint).toMatch(/^ {2}kind {5}makes the cluster: https:\/\/kind\.sigs\.k8s\.io\//m);
  expect(complaint).toMatch(/^ {2}kubectl {2}talks to the cluster: https:\/\/kubernetes\.io\//m);
  expect(complaint).not.toMatch(/^ {2}(docker|helm)/m);
});

test('a Docker that does not run is told from one that is not there', async () => {
  for (const name of ['kind', 'kubectl', 'helm']) programs.add(name);
  programs.add('docker', 'if [ "$1" = info ]; then echo "Cannot connect to the Docker daemon" >&2; exit 1; fi');

  await expect(checkTools()).rejects.toThrow(
    /^Docker is installed but does not answer\..*\nCannot connect to the Docker daemon$/,
  );
});

test('nothing is complained about when all is there', async () => {
  for (const name of ['docker', 'kind', 'kubectl', 'helm']) programs.add(name);

  await expect(checkTools()).resolves.toBeUndefined();
});
