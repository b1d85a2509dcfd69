// The last line of .ci/run and its exit code, from what the suites have left in a directory (NAME.exit: the exit code of make; NAME.json:
// Jest's report, if it got so far), and the number of other failed steps.
const { existsSync, readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');

const [directory, failedSteps] = process.argv.slice(2);
const suites = readdirSync(directory)
  .filter((name) => name.endsWith('.exit'))
  .map((name) => count(join(directory, name.slice(0, -'.exit'.length))));

const passed = sum(suites.map((suite) => suite.passed));
const failed = sum(suites.map((suite) => suite.failed)) + Number(failedSteps) + (suites.length === 0 ? 1 : 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function count(path) {
  const exitCode = readFileSync(`${path}.exit`, 'utf8').trim();
  const report = existsSync(`${path}.json`) ? JSON.parse(readFileSync(`${path}.json`, 'utf8')) : {};
  const { numPassedTests = 0, numFailedTests = 0, numRuntimeErrorTestSuites = 0 } = report;
  const named = numFailedTests + numRuntimeErrorTestSuites;
  // Tests that did not even run, or a run that failed besides its tests, must not look like success.
  const wrong = exitCode !== '0' || numPassedTests === 0;
  return { passed: numPassedTests, failed: wrong && named === 0 ? 1 : named };
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
