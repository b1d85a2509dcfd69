/** The variables of a dashboard: what can be chosen, what is chosen when it is opened, and what is put into queries for it. */
import type { VariableModel } from '@grafana/schema';
import { labelValues } from './prometheus.js';

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** What the box above the dashboard shows. */
  readonly text: string;
  /** What replaces it in a query. */
  readonly value: string;
}

/** The values that Grafana itself gives: `__range`, `__rate_interval` … */
export type BuiltIn = Readonly<Record<string, string>>;

/**
 * Asks for the values of every variable, as Grafana does when a dashboard is opened for the first time: a variable of one value has its
 * first one, and one of several has all.
 * @throws {Error} when a variable has no value, or is of a type that is not drawn here
 */
export async function resolveVariables(models: readonly VariableModel[], from: number, to: number): Promise<Variable[]> {
  const variables: Variable[] = [];
  // One after the other: they may refer to those before them.
  for (const model of models) variables.push(await resolve(model, variables, from, to));
  return variables;
}

async function resolve(model: VariableModel, before: readonly Variable[], from: number, to: number): Promise<Variable> {
  const named = { name: model.name, label: model.label ?? model.name };
  if (model.type === 'datasource') return { ...named, text: 'Prometheus', value: 'prometheus' };
  if (model.type !== 'query') throw new Error(`The variable ${model.name} is of the type ${model.type}, which is not drawn here`);

  const definition = typeof model.query === 'string' ? model.query : String(model.query?.['query']);
  const [, selector, label] = /^label_values\((.+),\s*(\w+)\)$/.exec(interpolate(definition, before, {})) ?? [];
  if (!selector || !label) throw new Error(`The variable ${model.name} is not made by label_values(…): ${definition}`);
  const [first] = (await labelValues(label, selector, from / 1000, to / 1000)).toSorted();
  if (first === undefined) throw new Error(`The variable ${model.name} has no value: ${definition}`);
  return model.includeAll ? { ...named, text: 'All', value: model.allValue ?? '.*' } : { ...named, text: first, value: first };
}

/** @throws {Error} when a variable is named that there is not */
export function interpolate(text: string, variables: readonly Variable[], builtIn: BuiltIn): string {
  const values = new Map([...Object.entries(builtIn), ...variables.map(({ name, value }) => [name, value] as const)]);
  return text.replaceAll(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (whole, braced: string | undefined, bare: string | undefined) => {
    const value = values.get(braced ?? bare ?? '');
    if (value === undefined) throw new Error(`There is no variable ${whole}`);
    return value;
  });
}
