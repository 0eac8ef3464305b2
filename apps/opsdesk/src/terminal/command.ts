import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { type Client, client } from "../client/client.ts";
import { keptApiKey } from "../up/secrets.ts";
import type { Environment } from "../up/settings.ts";
import { type Items, items, print, printError } from "./print.ts";
import { type Progress, progress } from "./progress.ts";
import { UsageError } from "./usage-error.ts";

/** What a command ends with: one document for programs, one text for people. */
export interface Answer {
  readonly json: unknown;
  readonly text: string;
  /** The work was done and the answer is no: exit code 1. */
  readonly failed?: boolean;
}

/** What every command is given. */
export interface Session {
  readonly desk: Client;
  readonly environment: Environment;
  readonly dataDir: string;
  /** Shows how far long work is. */
  readonly progress: (what: string, total: number) => Progress;
  /** For what comes one by one and may never end. */
  readonly items: () => Items;
}

interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly apiKey?: string;
}

const URL_DEFAULT = "http://127.0.0.1:4100";

export const withGlobalOptions = (program: Command): Command =>
  program
    .option("--json", "one JSON document on stdout, everything else on stderr")
    .option("--url <url>", `where the desk is (OPSDESK_URL; default ${URL_DEFAULT})`, anUrl)
    .option("--api-key <key>", "OPSDESK_API_KEY, or the file api-key in OPSDESK_DATA_DIR");

/**
 * The action of a command: hands it its session, options and arguments, prints what it answers and sets the exit
 * code: 0 done, 1 failed, 2 wrong usage. A command that returns nothing has printed its items itself.
 */
export const acting =
  <Options, Args extends readonly unknown[] = []>(
    environment: Environment,
    act: (session: Session, options: Options, ...args: Args) => Promise<Answer | undefined>,
  ) =>
  async (...given: unknown[]): Promise<void> => {
    // Commander calls an action with the arguments, the options and the command, in this order.
    const command = given.at(-1) as Command;
    const shared = command.optsWithGlobals<GlobalOptions>();
    const json = shared.json === true;
    try {
      const answer = await act(
        await sessionOf(shared, environment),
        command.opts() as Options,
        ...(given.slice(0, -2) as unknown as Args),
      );
      if (answer === undefined) return;
      await print(answer, json);
      process.exitCode = answer.failed === true ? 1 : 0;
    } catch (error) {
      process.exitCode = await printError(error, json);
    }
  };

async function sessionOf(options: GlobalOptions, environment: Environment): Promise<Session> {
  const dataDir = resolve(environment["OPSDESK_DATA_DIR"] ?? ".opsdesk");
  const url = options.url ?? environment["OPSDESK_URL"] ?? URL_DEFAULT;
  if (!isUrl(url)) throw new UsageError(`OPSDESK_URL: expected an http(s) URL, got "${url}".`);
  const apiKey = options.apiKey ?? environment["OPSDESK_API_KEY"] ?? (await keptApiKey(dataDir));
  return { desk: client(url, apiKey), environment, dataDir, progress, items: () => items(options.json === true) };
}

const isUrl = (text: string): boolean => URL.canParse(text) && /^https?:/.test(text);

function anUrl(text: string): string {
  if (!isUrl(text)) throw new InvalidArgumentError("Expected an http(s) URL.");
  return text;
}

/** For an option that counts something. */
export const wholeNumber =
  (min: number, max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(
        `Expected a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}.`,
      );
    return value;
  };
