/**
 * What the API server would say against an object: unknown fields and wrong types by the models of the Kubernetes client, missing and
 * malformed ones (of custom resources too) by `kubernetes-models`.
 */
import * as clientModels from '@kubernetes/client-node/dist/gen/models/all.js';
import * as gateway from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1';
import * as monitoring from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as policy from 'kubernetes-models/policy/v1';
import * as core from 'kubernetes-models/v1';
import type { KubernetesObject } from './rendered-chart.js';

const kinds: Readonly<Record<string, object>> = {
  v1: core,
  'apps/v1': apps,
  'autoscaling/v2': autoscaling,
  'batch/v1': batch,
  'networking.k8s.io/v1': networking,
  'policy/v1': policy,
  'gateway.networking.k8s.io/v1': gateway,
  'monitoring.coreos.com/v1': monitoring,
};

interface ClientModel {
  getAttributeTypeMap(): readonly { readonly baseName: string; readonly type: string }[];
}
type ModelClass = new (data: object) => { validate(): void };

export function schemaFaults(object: KubernetesObject): string[] {
  const name = `${object.kind}/${object.metadata.name}`;
  const Model = (kinds[object.apiVersion] as Readonly<Record<string, ModelClass>> | undefined)?.[object.kind];
  if (!Model) return [`${name}: no schema for ${object.apiVersion}`];
  return [...fieldFaults(object, clientModelOf(object), name), ...validationFaults(Model, object, name)];
}

function validationFaults(Model: ModelClass, object: KubernetesObject, name: string): string[] {
  try {
    new Model(structuredClone(object)).validate();
    return [];
  } catch (error) {
    return [`${name}: ${(error as Error).message}`];
  }
}

/** The client knows the kinds of Kubernetes itself only. */
function clientModelOf({ apiVersion, kind }: KubernetesObject): string {
  const version = apiVersion.split('/').at(-1) ?? '';
  const name = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
  return name in clientModels ? name : 'any';
}

function fieldFaults(value: unknown, type: string, path: string): string[] {
  if (value === null || value === undefined) return [`${path}: null`];
  if (['any', 'IntOrString', 'Date', 'object'].includes(type)) return [];
  if (['string', 'number', 'boolean'].includes(type))
    return typeof value === type ? [] : [`${path}: ${typeof value} for ${type}`];
  const itemType = /^(?:Set|Array)<(.+)>$/.exec(type)?.[1];
  if (itemType) {
    if (!Array.isArray(value)) return [`${path}: no list`];
    return value.flatMap((item, index) => fieldFaults(item, itemType, `${path}[${index}]`));
  }
  if (typeof value !== 'object' || Array.isArray(value)) return [`${path}: no map`];
  const entryType = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (entryType) return Object.entries(value).flatMap(([key, entry]) => fieldFaults(entry, entryType, `${path}.${key}`));
  const model = (clientModels as unknown as Readonly<Record<string, ClientModel>>)[type];
  if (!model) return [`${path}: no model ${type}`];
  const types = new Map(model.getAttributeTypeMap().map((attribute) => [attribute.baseName, attribute.type]));
  return Object.entries(value).flatMap(([key, entry]) => {
    const attribute = types.get(key);
    return attribute ? fieldFaults(entry, attribute, `${path}.${key}`) : [`${path}.${key}: unknown field`];
  });
}
