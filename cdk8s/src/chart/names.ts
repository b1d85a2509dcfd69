/** Names and labels of the objects. */
import { merge } from '../helm/directives.js';
import { include, includeBlock } from '../helm/expression.js';

/** The value of the label `app.kubernetes.io/component`, and the end of the names. */
export type Component =
  'api' | 'worker' | 'migration' | 'monitoring' | 'test' | 'postgresql' | 'valkey' | 'object-storage' | 'storage';

const componentLabel = 'app.kubernetes.io/component';

export function nameOf(component: Component): string {
  return `${include('tintype.fullname')}-${component}`;
}

export function labelsOf(component: Component): Record<string, string> {
  return { ...merge(includeBlock<Record<string, string>>('tintype.labels')), [componentLabel]: component };
}

/** Labels that never change over the life of a release: pods have no others, so that a new version of the chart alone replaces none. */
export function selectorOf(component: Component): Record<string, string> {
  return { ...merge(includeBlock<Record<string, string>>('tintype.selectorLabels')), [componentLabel]: component };
}

/** The pods of some components, for the rules of a NetworkPolicy. */
export function podsOf(...components: readonly Component[]) {
  return {
    matchLabels: merge(includeBlock<Record<string, string>>('tintype.selectorLabels')),
    matchExpressions: [{ key: componentLabel, operator: 'In', values: [...components] }],
  };
}
