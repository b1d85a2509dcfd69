/** What a text of PromQL asks for, as Prometheus' own grammar has it. */
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

export interface Query {
  /** Whether Prometheus would take it. */
  readonly valid: boolean;
  readonly selectors: readonly SelectorText[];
  /** The labels of its result; undefined where the series themselves decide. */
  readonly labels: readonly string[] | undefined;
}

export interface SelectorText {
  readonly metric: string;
  /** `job=~"$job"`, by the label; a label may have several. */
  readonly matchers: readonly { readonly label: string; readonly text: string }[];
  /** The window, where there is one. */
  readonly range?: string;
  /** The function that it is the argument of. */
  readonly call?: string;
}

/** The variables of Grafana stand where only durations may. */
const windows = { $__rate_interval: '11m11s', $__range: '22m22s' } as const;

const parsed = new Map<string, Query>();

export function parse(expr: string): Query {
  const known = parsed.get(expr) ?? read(expr);
  parsed.set(expr, known);
  return known;
}

function read(expr: string): Query {
  const text = Object.entries(windows).reduce((done, [variable, window]) => done.replaceAll(variable, window), expr);
  let valid = expr.trim() !== '';
  const selectors: SelectorText[] = [];
  const top = parser.parse(text).topNode;
  top.cursor().iterate(({ type, node }) => {
    valid &&= !type.isError;
    if (type.name === 'VectorSelector') selectors.push(selectorOf(node, text));
  });
  return { valid, selectors, labels: valid && top.firstChild ? labelsOf(top.firstChild, text) : undefined };
}

function selectorOf(node: SyntaxNode, text: string): SelectorText {
  const at = ({ from, to }: SyntaxNode) => text.slice(from, to);
  const name = node.getChild('Identifier');
  const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
  const matrix = node.parent?.name === 'MatrixSelector' ? node.parent : undefined;
  const duration = matrix?.getChild('DurationExpr');
  const call = (matrix ?? node).parent?.parent?.getChild('FunctionIdentifier');
  return {
    metric: name ? at(name) : '',
    matchers: matchers.map((matcher) => ({ label: at(matcher.getChild('LabelName') ?? matcher), text: at(matcher) })),
    ...(duration && { range: variableOf(at(duration)) }),
    ...(call && { call: at(call) }),
  };
}

function variableOf(duration: string): string {
  return Object.entries(windows).find(([, window]) => window === duration)?.[0] ?? duration;
}

function labelsOf(node: SyntaxNode, text: string): readonly string[] | undefined {
  const within = (inner: SyntaxNode | null) => (inner ? labelsOf(inner, text) : undefined);
  switch (node.name) {
    case 'AggregateExpr': {
      const modifier = node.getChild('AggregateModifier');
      if (modifier?.getChild('Without')) return undefined;
      const names = modifier?.getChild('GroupingLabels')?.getChildren('LabelName') ?? [];
      return names.map(({ from, to }) => text.slice(from, to));
    }
    case 'FunctionCall': {
      const body = node.getChild('FunctionCallBody');
      const labels = within(body?.lastChild ?? null);
      const name = node.getChild('FunctionIdentifier');
      return name && text.slice(name.from, name.to) === 'histogram_quantile' ? labels?.filter((label) => label !== 'le') : labels;
    }
    case 'ParenExpr':
      return within(node.firstChild);
    case 'BinaryExpr': {
      const operands = [node.firstChild, node.lastChild];
      return within(operands.find((operand) => operand && !isNumber(operand, text)) ?? null);
    }
    default:
      return undefined;
  }
}

function isNumber({ name, from, to }: SyntaxNode, text: string): boolean {
  return name === 'NumberDurationLiteral' || text.slice(from, to) === 'time()';
}
