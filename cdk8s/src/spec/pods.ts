/** The pods of rendered objects, whatever makes them. */
import type { IIoK8sApiCoreV1PodSpec as PodSpec } from 'kubernetes-models/v1/PodSpec';
import type { KubernetesObject } from './rendered-chart.js';

export interface PodTemplate {
  /** `Deployment/demo-tintype-api`. */
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

export function podsOf(objects: readonly KubernetesObject[]): PodTemplate[] {
  return objects.flatMap((object) => {
    const pod = podOf(object);
    if (!pod) return [];
    const { labels = {}, annotations = {} } = pod.metadata;
    return [{ owner: `${object.kind}/${object.metadata.name}`, labels, annotations, spec: pod.spec }];
  });
}

interface Pod {
  readonly metadata: Partial<Pick<PodTemplate, 'labels' | 'annotations'>>;
  readonly spec: PodSpec;
}

function podOf(object: KubernetesObject): Pod | undefined {
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'Job':
      return (object.spec as { template: Pod }).template;
    case 'Pod':
      return object as unknown as Pod;
    default:
      return undefined;
  }
}

export function containersOf({ spec }: PodTemplate) {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
