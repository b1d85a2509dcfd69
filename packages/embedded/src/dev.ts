/** `make dev`: everything on this machine, compiled and restarted on every change of the source. */
import { spawn } from 'node:child_process';
import { watch, type WatchListener } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { explain } from './run/complaint.js';
import { aborted, inSession } from './run/session.js';
import { root } from './run/settings.js';
import type { Stack } from './run/stack.js';

/** The compiler writes the files of a change one after the other. */
const quietMs = 300;

process.exitCode = await inSession(async (stack, _settings, interrupted) => {
  const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['--build', '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true, // A group of its own: the compiler is a child of its launcher.
  });
  const watchers = (await buildDirectories()).map((directory) => watch(directory, { recursive: true }, restarter(stack)));
  console.log('\nWatching the source until Ctrl-C.');
  await aborted(interrupted);
  for (const watcher of watchers) watcher.close();
  if (compiler.pid !== undefined) process.kill(-compiler.pid);
});

/** Restarts the services when the changes have ended. After a failure to start, they wait for the next change. */
function restarter(stack: Stack): WatchListener<string> {
  let timer: NodeJS.Timeout | undefined;
  let restarting: Promise<void> = Promise.resolve();
  return (_event, file) => {
    if (!file?.endsWith('.js')) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      restarting = restarting.then(() => restart(stack));
    }, quietMs);
  };
}

async function restart(stack: Stack): Promise<void> {
  try {
    await stack.stopServices();
    await stack.startServices();
  } catch (error) {
    console.error(explain(error));
  }
}

async function buildDirectories(): Promise<string[]> {
  const groups = await Promise.all(
    ['packages', 'services'].map(async (group) =>
      (await readdir(join(root, group))).map((name) => join(root, group, name, 'dist')),
    ),
  );
  return groups.flat();
}
