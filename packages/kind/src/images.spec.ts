import { contentTag } from './images.js';

const layers = ['sha256:0113a78b', 'sha256:684e7174'];
const config = {
  User: '65532:65532',
  Env: ['PATH=/usr/bin', 'NODE_ENV=production'],
  Cmd: ['services/api/dist/main.js'],
  Entrypoint: ['node', '--enable-source-maps'],
  WorkingDir: '/app',
  Image: 'sha256:f2870fde',
  Labels: { 'org.opencontainers.image.revision': '91aa6d2' },
};

test('the tag is a short hash', () => {
  expect(contentTag(inspection({}))).toMatch(/^[0-9a-f]{12}$/);
});

test('the same content has the same tag, whatever commit it was built from', () => {
  const ofNextCommit = { Labels: { 'org.opencontainers.image.revision': '57b5a30' }, Image: 'sha256:aaaaaaaa' };
  expect(contentTag(inspection(ofNextCommit))).toBe(contentTag(inspection({})));
});

test.each([
  ['a file', inspection({}, [...layers.slice(0, 1), 'sha256:95681efe'])],
  ['a variable', inspection({ Env: ['PATH=/usr/bin'] })],
  ['the command', inspection({ Cmd: ['services/api/dist/migrate.js'] })],
  ['the user', inspection({ User: '0' })],
])('another tag comes with %s', (_what, changed) => {
  expect(contentTag(changed)).not.toBe(contentTag(inspection({})));
});

/** As `docker image inspect` prints it, with more than is read. */
function inspection(changes: Partial<typeof config>, changedLayers = layers): string {
  return JSON.stringify([
    { Id: 'sha256:2657f9e3', RootFS: { Type: 'layers', Layers: changedLayers }, Config: { ...config, ...changes } },
  ]);
}
