// The last line of .ci/run and its exit code, from Jest's report, the exit code of `make test` and the number of other failed steps.
const { readFileSync } = require('node:fs');

const [report, testsExitCode, failedSteps] = process.argv.slice(2);
const { passed, failed } = count(read(report));
// Tests that did not even run, or a run that failed besides its tests, must not look like success.
const unexplained = testsExitCode !== '0' && failed === 0 ? 1 : 0;
const failures = failed + unexplained + Number(failedSteps);

console.log(`${passed} passed, ${failures} failed`);
process.exitCode = failures === 0 && passed > 0 ? 0 : 1;

function count({ numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 }) {
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
}

function read(path) {
  const text = readFileSync(path, 'utf8');
  return text ? JSON.parse(text) : {};
}
