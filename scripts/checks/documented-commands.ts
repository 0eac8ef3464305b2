import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface KnownCommands {
  readonly npm: ReadonlySet<string>;
  /** Undefined until the CLI exists: then nothing can be said of its commands. */
  readonly cli: ReadonlySet<string> | undefined;
}

/** The CLI's commands: one file each in apps/opsdesk/src/commands, named after its first word. */
export function cliCommands(root: string): ReadonlySet<string> | undefined {
  const folder = join(root, "apps/opsdesk/src/commands");
  if (!existsSync(folder)) return undefined;
  return new Set(
    readdirSync(folder)
      .filter((name) => !name.endsWith(".test.ts"))
      .map((name) => name.replace(/\.ts$/, "")),
  );
}

const BUILT_IN = new Set(["start", "test", "ci", "install", "help", "--help", "--version"]);

/** Commands that a page tells its reader to run, and that do not exist. */
export function commandProblems(file: string, text: string, known: KnownCommands): readonly string[] {
  const scripts = [...text.matchAll(/\b(?:npm|pnpm) run ([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
  const commands = [...text.matchAll(/\bnpx opsdesk ([a-z][a-z-]*)/g)].map(([, name = ""]) => name);
  return [
    ...scripts.filter((name) => !known.npm.has(name)).map((name) => `${file}: \`npm run ${name}\`: no such script`),
    ...commands
      .filter((name) => known.cli !== undefined && !known.cli.has(name) && !BUILT_IN.has(name))
      .map((name) => `${file}: \`npx opsdesk ${name}\`: no such command`),
  ];
}
