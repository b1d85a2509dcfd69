// Says that Node.js is too old before anything fails in its own way. Plain old JavaScript: it must run on any version.
var needed = require('../../package.json').engines.node.replace('>=', '');
var here = process.versions.node;

if (compare(here.split('.'), needed.split('.')) < 0) {
  console.error(
    'Tintype needs Node.js ' +
      needed +
      ' or newer, and this is ' +
      here +
      ' (' +
      process.execPath +
      '): https://nodejs.org/en/download',
  );
  process.exit(1);
}

function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
