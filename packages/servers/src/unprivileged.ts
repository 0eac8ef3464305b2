import { run, runOrThrow } from "./run.ts";

/**
 * Postgres refuses to run as root. It runs as `nobody` then, which may still read and write what lies in folders of
 * root: the cache and the instance are often below a home that is closed to others.
 */
export async function asUnprivileged(
  command: string,
  args: readonly string[],
): Promise<readonly [string, readonly string[]]> {
  if (process.getuid?.() !== 0) return [command, args];
  if ((await run("setpriv", ["--version"])).code !== 0)
    throw new Error("Postgres cannot run as root: run this as another user, or install setpriv (util-linux)");
  const user = (await runOrThrow("id", ["-u", "nobody"])).trim();
  const group = (await runOrThrow("id", ["-g", "nobody"])).trim();
  const capability = "+dac_override";
  return [
    "setpriv",
    [
      "--reuid",
      user,
      "--regid",
      group,
      "--clear-groups",
      "--inh-caps",
      capability,
      "--ambient-caps",
      capability,
      // initdb asks access(2) whether it may run postgres, which forgets capabilities of users other than root without this.
      "--securebits",
      "+no_setuid_fixup",
      command,
      ...args,
    ],
  ];
}
