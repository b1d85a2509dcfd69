import { anyOf, like, matcherText, type Match, type Place } from './series.js';

/** The label `job` that the ServiceMonitors give to the targets, whatever the release is called. */
export const jobs = { api: 'tintype-api', worker: 'tintype-worker' } as const;

/** In the pods of a workload the container that does the work is called like the workload. */
const components = anyOf('api', 'worker');

/** What the variables of a dashboard pick. A shared fact stays the same whatever jobs and pods are picked. */
export const inDashboard: Place = {
  matchers: ({ owner, scope, recorded }) => {
    const namespace = '$namespace';
    if (recorded || owner === 'rules') return texts({ namespace });
    if (owner === 'cluster') return texts({ namespace, container: components, pod: like('$pod') });
    const all = texts({ namespace, job: jobMatcher(owner) });
    return scope === 'shared' ? all : [...all, ...texts({ job: like('$job'), pod: like('$pod') })];
  },
};

export interface Release {
  readonly namespace: string;
  /** The beginning of the names of its objects. */
  readonly fullname: string;
}

/** What one release runs, so that alerts of two releases do not mix, even in one namespace. */
export function inRelease({ namespace, fullname }: Release): Place {
  return {
    matchers: ({ owner }) => {
      if (owner === 'rules') return texts({ namespace });
      if (owner === 'cluster') return texts({ namespace, container: components, pod: like(`${fullname}-(api|worker)-.+`) });
      return texts({ namespace, service: owner === 'both' ? like(`${fullname}-(api|worker)`) : serviceOf({ fullname }, owner) });
    },
  };
}

/** The label `service` of its targets. */
export function serviceOf({ fullname }: Pick<Release, 'fullname'>, owner: 'api' | 'worker'): string {
  return `${fullname}-${owner}`;
}

function jobMatcher(owner: 'api' | 'worker' | 'both'): string | Match<string> {
  return owner === 'both' ? anyOf(jobs.api, jobs.worker) : jobs[owner];
}

function texts(matchers: Readonly<Record<string, string | Match<string>>>): string[] {
  return Object.entries(matchers).map(([label, wanted]) => matcherText(label, wanted));
}
