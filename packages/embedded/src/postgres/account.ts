/**
 * PostgreSQL refuses to run as root. Started by root (the usual thing in a container), its programs run as the account
 * `postgres`, which then must be able to reach every directory that they use.
 */
import { spawnSync } from 'node:child_process';

/** The account that runs PostgreSQL's programs, as options of `spawn`; empty for the account that runs this process. */
export type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

const name = 'postgres';

/** Creates the account where root runs this and it does not exist. */
export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const existing = find();
  if (existing) return existing;
  const created = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name], {
    encoding: 'utf8',
  });
  const account = find();
  if (account) return account;
  const why = created.error?.message ?? created.stderr.trim();
  throw new Error(
    `PostgreSQL cannot run as root, and the account "${name}" cannot be created (${why}). Create it, or run as an ordinary user.`,
  );
}

/** Whether the account can pass through and read a directory. */
export function canEnter(account: Account, directory: string): boolean {
  if (!('uid' in account)) return true;
  return (
    spawnSync('/bin/sh', ['-c', 'cd "$0" && ls . >/dev/null', directory], { ...account, cwd: '/', stdio: 'ignore' }).status === 0
  );
}

function find(): Account | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : undefined;
  });
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
