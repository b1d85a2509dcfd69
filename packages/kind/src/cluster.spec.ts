import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cluster, hostPorts } from './cluster.js';
import { root } from './settings.js';
import { StandInPrograms } from './spec/stand-in-programs.js';

test("the ports that the project's cluster takes are those of HTTP and HTTPS", () => {
  expect(hostPorts(readFileSync(join(root, 'kind-config.yaml'), 'utf8'))).toEqual([80, 443]);
});

test('a configuration may map no ports, or have no nodes', () => {
  expect(hostPorts('nodes: [{ role: control-plane }, { role: worker }]')).toEqual([]);
  expect(hostPorts('kind: Cluster')).toEqual([]);
});

describe('with stand-ins for the programs', () => {
  let programs: StandInPrograms;
  beforeEach(() => {
    programs = new StandInPrograms();
  });
  afterEach(() => programs.remove());

  test('a cluster is not begun when another program has its port', async () => {
    programs.add('kind', 'if [ "$1 $2" = "get clusters" ]; then echo other; else echo "must not be reached" >&2; exit 1; fi');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const directory = mkdtempSync(join(tmpdir(), 'tintype-kind-'));
    const config = join(directory, 'kind.yaml');
    writeFileSync(config, `nodes: [{ extraPortMappings: [{ containerPort: 80, hostPort: ${port} }] }]`);

    const start = new Cluster('tintype').start(config, AbortSignal.timeout(10_000));

    await expect(start).rejects.toThrow(`Port ${port} is in use by another program.`);
    server.close();
    rmSync(directory, { recursive: true });
  });

  test('a cluster of a similar name is another one', async () => {
    programs.add('kind', 'echo tintype-2; echo my-tintype');
    await expect(new Cluster('tintype').expectUp()).rejects.toThrow('There is no cluster tintype. Make it: make up');
  });

  test('programs are pointed at the cluster, whatever the current context is', async () => {
    programs.add('kubectl', 'echo "$@"');
    programs.add('helm', 'echo "$@"');
    const cluster = new Cluster('tintype');

    await expect(cluster.kubectl(['get', 'pods'])).resolves.toBe('--context kind-tintype get pods\n');
    await expect(cluster.helm(['list'])).resolves.toBe('--kube-context kind-tintype list\n');
  });
});
