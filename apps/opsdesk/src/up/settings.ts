import { resolve } from "node:path";
import { ProblemsError } from "@opsdesk/service";

/** What the process itself needs; each service reads its own from the same environment. */
export interface Settings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  readonly publicUrl: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];

/** Reads the environment once. Throws ProblemsError `config_invalid` with every problem at once. */
export function readSettings(environment: Environment): Settings {
  const problems: { setting: string; message: string }[] = [];
  const port = Number(environment["PORT"] ?? "4100");
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push({ setting: "PORT", message: "expected a whole number from 0 to 65535" });
  const lane = environment["OPSDESK_LANE"] ?? "embedded";
  if (lane !== "embedded") problems.push({ setting: "OPSDESK_LANE", message: `expected "embedded", the only lane there is yet; got "${lane}"` });
  const logLevel = environment["LOG_LEVEL"] ?? "warn";
  if (!LEVELS.includes(logLevel)) problems.push({ setting: "LOG_LEVEL", message: `expected one of ${LEVELS.join(", ")}` });
  const publicUrl = environment["PUBLIC_URL"] ?? `http://127.0.0.1:${port}`;
  if (!URL.canParse(publicUrl)) problems.push({ setting: "PUBLIC_URL", message: "expected an absolute URL" });
  if (problems.length > 0)
    throw new ProblemsError("config_invalid", `The configuration has ${problems.length} problem${problems.length === 1 ? "" : "s"}: ${problems.map((p) => `${p.setting}: ${p.message}`).join("; ")}.`, problems);
  return { dataDir: resolve(environment["OPSDESK_DATA_DIR"] ?? ".opsdesk"), host: environment["HOST"] ?? "127.0.0.1", port, logLevel, publicUrl };
}
