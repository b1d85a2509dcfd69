/** How urgent a job is, and in which order the claims of workers look at the classes. */

/** As rows have them. */
export const priorities = { interactive: 1, normal: 0, bulk: -1 } as const;
export type Priority = keyof typeof priorities;

/** Of so many claims that find jobs of every class, so many take one of this class. */
const shares = { interactive: 8, normal: 3, bulk: 1 } as const satisfies Record<Priority, number>;

const names = Object.keys(priorities) as Priority[];
const all = names.reduce((sum, name) => sum + shares[name], 0);

export function priorityOf(value: number): Priority {
  const name = names.find((candidate) => priorities[candidate] === value);
  if (!name) throw new Error(`no priority is ${value}`);
  return name;
}

/**
 * The classes in the order in which one claim looks for jobs: most urgent first, but now and then another class comes first,
 * so that none waits for ever. `random`: from 0, below 1.
 */
export function claimOrder(random = Math.random()): number[] {
  let rest = random * all;
  const first = names.find((name) => (rest -= shares[name]) < 0) ?? 'interactive';
  return [first, ...names.filter((name) => name !== first)].map((name) => priorities[name]);
}
