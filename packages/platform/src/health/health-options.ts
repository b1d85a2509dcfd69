import { ConfigurableModuleBuilder } from '@nestjs/common';

/** Resolves when the dependency works. It has a second for that. */
export type HealthCheck = () => Promise<unknown>;

export interface HealthOptions {
  /** What the service cannot work without, by name. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** The same of what it can do without for a while: looked at as often, but no reason not to be ready. */
  readonly watched?: Readonly<Record<string, HealthCheck>>;
  /** Whether the process still does its work, for `/livez`: without a word about dependencies, as restarting mends none of them. */
  readonly alive?: () => boolean;
}

export const { ConfigurableModuleClass: HealthModuleBase, MODULE_OPTIONS_TOKEN: HEALTH_OPTIONS } =
  new ConfigurableModuleBuilder<HealthOptions>().build();
