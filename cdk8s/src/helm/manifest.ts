import { ApiObject, type App, Chart } from 'cdk8s';
import type { Expression } from './expression.js';

/** Wherever a manifest has a value, an expression of that type may stand. */
export type Templated<T> =
  | Expression<NonNullable<T>>
  | (T extends string | number | boolean | null | undefined
      ? T
      : T extends readonly (infer E)[]
        ? Templated<E>[]
        : { [K in keyof T]: Templated<T[K]> });

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
}

type TemplatedResource<R extends Resource> = Pick<R, 'apiVersion' | 'kind'> & {
  [K in keyof Omit<R, 'apiVersion' | 'kind'>]: Templated<R[K]>;
};

/** One file of the chart's templates. */
export class TemplateFile extends Chart {
  constructor(
    app: App,
    /** Under `templates/`. */
    readonly path: string,
  ) {
    super(app, path.replaceAll(/[/.]/g, '-'));
  }
}

/**
 * One object of Kubernetes in a file, typed by its interface in `kubernetes-models`. The constructs that cdk8s imports would not do:
 * they copy known fields before tokens are resolved, and so lose every expression that stands for a map or a list.
 */
export class Manifest<R extends Resource> extends ApiObject {
  constructor(
    file: TemplateFile,
    name: string,
    resource: TemplatedResource<R>,
    /** The object is there when this holds. */
    readonly condition?: Expression<unknown>,
  ) {
    super(file, name, resource);
  }
}

// cdk8s redefines `instanceof`, so that every chart would count as a TemplateFile, and every object as a Manifest.

export function isTemplateFile(chart: Chart): chart is TemplateFile {
  return chart.constructor === TemplateFile;
}

/** Under which an object is there; always, when it has none. */
export function conditionOf(object: ApiObject): Expression<unknown> | undefined {
  return (object as Partial<Manifest<Resource>>).condition;
}
