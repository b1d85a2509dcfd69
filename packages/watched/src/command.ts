/** A command that has a site to itself, and leaves nothing of it behind, also after Ctrl-C. */
import { WatchedSite, type WatchedOptions } from './watched-site.js';

/** Sets the exit code of the process: 0 when `work` answers that all is well. */
export async function onWatchedSite(options: WatchedOptions, work: (watched: WatchedSite) => Promise<boolean>): Promise<void> {
  const watched = await WatchedSite.open(options);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void watched.close().finally(() => process.kill(process.pid, signal)));
  }
  try {
    process.exitCode = (await work(watched)) ? 0 : 1;
  } finally {
    await watched.close();
  }
}
