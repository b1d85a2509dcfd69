/** Prometheus' own judgement of rules: each answer is what it has to complain of, which is nothing when all is well. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuleGroup } from '../index.js';

export interface RuleTest {
  readonly name: string;
  /** By the minute. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  readonly alertname: string;
  readonly expected: readonly { readonly exp_labels: object; readonly exp_annotations: object }[];
}

export interface ExpressionTest {
  /** By the minute. */
  readonly series: Readonly<Record<string, string>>;
  readonly at: string;
  readonly expr: string;
  readonly expected: readonly { readonly labels: string; readonly value: number }[];
}

export function checkRules(groups: readonly RuleGroup[]): string {
  return promtool({ 'rules.json': { groups } }, 'check', 'rules', '--lint=all', '--lint-fatal', 'rules.json');
}

export function testRules(groups: readonly RuleGroup[], ruleTests: readonly RuleTest[]): string {
  const tests = ruleTests.map(({ name, series, at, alertname, expected }) => ({
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([metric, values]) => ({ series: metric, values })),
    alert_rule_test: [{ eval_time: at, alertname, exp_alerts: expected }],
  }));
  // promtool evaluates all groups at one interval, and the figures of the SLOs hold for theirs.
  const file = { rule_files: ['rules.json'], evaluation_interval: '30s', tests };
  return promtool({ 'rules.json': { groups }, 'test.json': file }, 'test', 'rules', 'test.json');
}

export function testExpressions(groups: readonly RuleGroup[], expressionTests: readonly ExpressionTest[]): string {
  const tests = expressionTests.map(({ series, at, expr, expected }) => ({
    interval: '1m',
    input_series: Object.entries(series).map(([metric, values]) => ({ series: metric, values })),
    promql_expr_test: [{ expr, eval_time: at, exp_samples: expected }],
  }));
  const file = { rule_files: ['rules.json'], evaluation_interval: '30s', tests };
  return promtool({ 'rules.json': { groups }, 'test.json': file }, 'test', 'rules', 'test.json');
}

/** JSON is YAML, so it needs no other form. */
function promtool(files: Readonly<Record<string, object>>, ...args: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'tintype-promtool-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), JSON.stringify(content));
    const { status, stdout, stderr, error } = spawnSync('promtool', args, { cwd: directory, encoding: 'utf8' });
    if (error)
      throw new Error('The tests need promtool in PATH: apt-get install prometheus, or brew install prometheus.', {
        cause: error,
      });
    return status === 0 ? '' : stdout + stderr || `promtool ended with ${status}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
