/** What can be known of an expression without asking Prometheus. */
import { parser } from '@prometheus-io/lezer-promql';

/** The text of every part of this kind, a name of the grammar. */
function partsOf(expression: string, kind: string): { readonly from: number; readonly to: number; readonly text: string }[] {
  const parts: { from: number; to: number; text: string }[] = [];
  parser.parse(expression).iterate({
    enter({ name, from, to }) {
      if (name === kind) parts.push({ from, to, text: expression.slice(from, to) });
    },
  });
  return parts;
}

/** The series that it reads, as they are written: `up{namespace="tintype"}`. */
export function selectorsOf(expression: string): string[] {
  return [...new Set(partsOf(expression, 'VectorSelector').map(({ text }) => text))];
}

/** Their names. */
export function seriesOf(expression: string): string[] {
  return [...new Set(selectorsOf(expression).map((selector) => selector.replace(/\{.*$/s, '')))];
}

/** The same with other durations in windows, steps and offsets. */
export function withDurations(expression: string, change: (duration: string) => string): string {
  return partsOf(expression, 'NumberDurationLiteralInDurationContext').reduceRight(
    (text, part) => text.slice(0, part.from) + change(part.text) + text.slice(part.to),
    expression,
  );
}
