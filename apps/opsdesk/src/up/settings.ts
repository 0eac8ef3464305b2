import { resolve } from "node:path";
import { RejectedError } from "@opsdesk/errors";
import { ProblemsError, type ServiceDefinition } from "@opsdesk/service";
import { secretsFrom } from "./secrets.ts";
import { serviceEnvironment } from "./service-environment.ts";

/** What the process itself needs; each service reads its own from the same environment. */
export interface Settings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  /** Of the demo's own webhook receiver. */
  readonly receiverPort: number;
  readonly logLevel: string;
  readonly publicUrl: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const PORT_DEFAULT = "4100";
/** Beside the desk's own: 4110 for 4100. */
const RECEIVER_OFFSET = 10;

/**
 * Reads the environment once, for the process and for its services, and opens and makes nothing. Throws ProblemsError
 * `config_invalid` with every problem at once.
 */
export function readSettings(environment: Environment, services: readonly ServiceDefinition[]): Settings {
  const problems: string[] = [];
  // A variable that is set to nothing, as many tools leave it, is not set.
  const given = (name: string): string | undefined => environment[name] || undefined;

  const port = portFrom(given("PORT") ?? PORT_DEFAULT);
  if (port === undefined) problems.push(`PORT must be a whole number from 0 to 65535, not "${given("PORT") ?? ""}"`);
  const receiver = given("OPSDESK_RECEIVER_PORT");
  const receiverPort = receiver === undefined ? besides(port ?? 0) : portFrom(receiver);
  if (receiverPort === undefined)
    problems.push(`OPSDESK_RECEIVER_PORT must be a whole number from 0 to 65535, not "${receiver ?? ""}"`);
  if (receiverPort !== undefined && receiverPort !== 0 && receiverPort === port)
    problems.push(`OPSDESK_RECEIVER_PORT must be another port than PORT, not ${port} as well`);
  const lane = given("OPSDESK_LANE") ?? "embedded";
  if (lane !== "embedded" && lane !== "local") problems.push(`OPSDESK_LANE must be embedded or local, not "${lane}"`);
  const logLevel = given("LOG_LEVEL") ?? "warn";
  if (!LEVELS.includes(logLevel)) problems.push(`LOG_LEVEL must be one of ${LEVELS.join(", ")}, not "${logLevel}"`);
  const publicUrl = given("PUBLIC_URL") ?? `http://127.0.0.1:${port ?? PORT_DEFAULT}`;
  if (!/^https?:\/\//.test(publicUrl) || !URL.canParse(publicUrl))
    problems.push(`PUBLIC_URL must be an http or https address, not "${publicUrl}"`);

  const settings = {
    dataDir: resolve(given("OPSDESK_DATA_DIR") ?? ".opsdesk"),
    host: given("HOST") ?? "127.0.0.1",
    port: port ?? 0,
    receiverPort: receiverPort ?? 0,
    logLevel,
    publicUrl,
  };
  // Secrets that are not given are made or kept later, and are then right: these stand for them.
  const itself = new Set(problems.map(settingOf));
  for (const problem of problemsOfServices(
    services,
    serviceEnvironment(settings, environment, secretsFrom(environment)),
  ))
    if (!itself.has(settingOf(problem)) && !problems.includes(problem)) problems.push(problem);
  if (problems.length > 0) {
    const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
    throw new ProblemsError(
      "config_invalid",
      [`The configuration has ${count}; nothing was started.`, ...problems.map((one) => `  ${one}`)].join("\n"),
      problems,
    );
  }
  return Object.freeze(settings);
}

/** Each begins with the name of its setting. */
const settingOf = (problem: string): string => /^\w+/.exec(problem)?.[0] ?? problem;

const portFrom = (text: string): number | undefined =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined;

/** Port 0 is any free one. */
const besides = (port: number): number => (port === 0 || port + RECEIVER_OFFSET > 65_535 ? 0 : port + RECEIVER_OFFSET);

function problemsOfServices(services: readonly ServiceDefinition[], environment: Environment): readonly string[] {
  return services.flatMap((service) => {
    try {
      service.configure(environment);
      return [];
    } catch (error) {
      if (error instanceof RejectedError) return (error.publicMessage ?? error.message).split("\n");
      throw error;
    }
  });
}
