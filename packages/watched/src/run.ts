/** A site that people use, for whoever wants to look at it. */
import { Traffic } from './traffic/traffic.js';
import { WatchedSite, type WatchedOptions } from './watched-site.js';

/** Resolves when `onReady` does; until then people use the service and Prometheus can be asked. */
export async function run(onReady: (prometheusUrl: string) => Promise<void>, options?: WatchedOptions): Promise<void> {
  const watched = await WatchedSite.open(options);
  try {
    const traffic = await Traffic.start(watched.site);
    await onReady(watched.prometheus.url);
    await traffic.stop();
  } finally {
    await watched.close();
  }
}
