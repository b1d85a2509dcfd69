/** Specs run from `dist`, which is not committed: their snapshots lie beside the sources. */
const snapshots = {
  resolveSnapshotPath: (spec: string, extension: string): string =>
    spec.replace(/^(.*)\/dist\/(.*\/)?([^/]+)\.js$/, `$1/src/$2__snapshots__/$3${extension}`),
  resolveTestPath: (snapshot: string, extension: string): string =>
    snapshot
      .replace(/^(.*)\/src\/(.*\/)?__snapshots__\/(.+)$/, '$1/dist/$2$3')
      .slice(0, -extension.length)
      .concat('.js'),
  testPathForConsistencyCheck: '/src/room/dist/folder/example.spec.js',
};

export default snapshots;
