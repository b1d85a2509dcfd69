/** `make watch/calm`: normal load under the rules as they ship, for half an hour; writes what came of it into docs/monitoring.md. */
import { calm } from './calm.js';
import { onWatchedSite } from './command.js';
import { byCommand, writeFigures } from './figures.js';

const minutes = Number(process.env['MINUTES'] ?? 30);

await onWatchedSite({ factor: 1 }, async (watched) => {
  const { jobs, requests, rules, fired, pending, complaints } = await calm(watched, minutes);
  for (const complaint of complaints) console.error(complaint);
  const outcome = fired.length === 0 ? 'none fired' : `these fired: ${fired.join(', ')}`;
  const held = pending.length === 0 ? '' : `; for a moment, and not long enough, held ${pending.join(', ')}`;
  const line = `${minutes} minutes of normal load, ${jobs} jobs, ${requests} requests; of ${rules} alerts ${outcome}${held}.`;
  console.log(line);
  const isCalm = fired.length === 0 && complaints.length === 0;
  if (isCalm) await writeFigures('calm', `${line} (${byCommand('make watch/calm')})`);
  return isCalm;
});
