import { fileURLToPath } from 'node:url';
import { Complaint } from './complaint.js';

/** The checkout that this file was built in. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface ChartSource {
  /** An OCI reference or a directory. */
  readonly chart: string;
  /** Empty: the newest one, or the directory's. */
  readonly version: string;
}

export interface Settings {
  readonly cluster: string;
  /** The file that describes the cluster to kind, from the checkout or absolute. */
  readonly kindConfig: string;
  readonly kubePrometheusStack: ChartSource;
  readonly traefik: ChartSource;
}

/** The defaults are in the Makefile, which is what people read and change. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    cluster: given(env, 'CLUSTER'),
    kindConfig: given(env, 'KIND_CONFIG'),
    kubePrometheusStack: { chart: given(env, 'KPS_CHART'), version: env['KPS_VERSION'] ?? '' },
    traefik: { chart: given(env, 'TRAEFIK_CHART'), version: env['TRAEFIK_VERSION'] ?? '' },
  };
}

function given(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new Complaint(`${name} is empty. The Makefile has a default for it: make up`);
  return value;
}
