import { apiSettings } from '@tintype/api';
import { processSettings, settingsReference } from '@tintype/platform';
import { workerSettings } from '@tintype/worker';

/** The reference page of the settings, in Markdown: those of both services first, then what one of them has alone. */
export function settingsPage(): string {
  const shared = { ...processSettings, ...both(apiSettings, workerSettings) };
  return settingsReference([
    { title: 'Both services', settings: shared },
    { title: 'API', settings: without(apiSettings, shared) },
    { title: 'Worker', settings: without(workerSettings, shared) },
  ]);
}

function both<T>(first: Readonly<Record<string, T>>, second: object): Record<string, T> {
  return Object.fromEntries(Object.entries(first).filter(([name]) => name in second));
}

function without<T>(settings: Readonly<Record<string, T>>, others: object): Record<string, T> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in others)));
}
