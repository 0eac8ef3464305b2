import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import { type Client, DeskRefusal, pathTo } from "../client/client.ts";
import { SERVICES } from "../client/services.ts";
import { acting } from "../terminal/command.ts";
import { note } from "../terminal/print.ts";
import { counted } from "../terminal/table.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly service?: string;
  readonly projection?: string;
}

interface Target {
  readonly service: string;
  readonly projection: string;
}

interface Rebuild extends Target {
  readonly state: "running" | "done" | "failed";
  readonly startedAt: string;
  readonly events: number;
  readonly unreadable: number;
  readonly refused: number;
  readonly code: string | null;
}

const LOOK_EVERY_MS = 500;
const TELL_EVERY_MS = 5_000;

export const addRebuild = (program: Command, environment: Environment): void => {
  program
    .command("rebuild")
    .description(
      "make copies of events in other stores again, beside those in use; needs the installation's key (--api-key)",
    )
    .option("--service <name>", `only this service's: ${SERVICES.join(", ")}`)
    .option("--projection <name>", "only this one of the service: search or graph of retrieval, search of analytics")
    .action(
      acting<Options>(environment, async ({ desk }, options) => {
        const items: Rebuild[] = [];
        // One after the other: each reads the log from its beginning.
        for (const target of await targetsOf(desk, options)) items.push(await rebuilt(desk, target));
        return answerOf(items);
      }),
    );
};

const pathOf = (service: string): string => pathTo(["ops", service, "rebuild"]);

async function targetsOf(desk: Client, { projection, service }: Options): Promise<readonly Target[]> {
  if (service !== undefined && projection !== undefined) return [{ service, projection }];
  if (projection !== undefined) throw new UsageError("--projection needs its --service.");
  if (service !== undefined) return await projectionsOf(desk, service);
  const targets: Target[] = [];
  let answered = false;
  for (const one of SERVICES)
    try {
      targets.push(...(await projectionsOf(desk, one)));
      answered = true;
    } catch (error) {
      if (!(error instanceof DeskRefusal) || error.status !== 404) throw error;
      note(`${one} is not behind ${desk.url}: ask it itself.`);
    }
  if (!answered) throw new UsageError(`No service is behind ${desk.url}: name the gateway, or a service, with --url.`);
  return targets;
}

const projectionsOf = async (desk: Client, service: string): Promise<readonly Target[]> =>
  (await desk.get<{ projections: readonly string[] }>(pathOf(service))).projections.map((projection) => ({
    service,
    projection,
  }));

async function rebuilt(desk: Client, { projection, service }: Target): Promise<Rebuild> {
  const path = pathOf(service);
  const begun = await desk.send<Rebuild>("POST", path, { projection });
  let told = performance.now();
  for (;;) {
    const { items } = await desk.get<{ items: readonly Rebuild[] }>(path);
    const now = items.find((one) => one.projection === projection);
    if (now === undefined || now.startedAt !== begun.startedAt)
      throw new UsageError(`${service} was started anew while it rebuilt ${projection}: begin again.`);
    if (now.state !== "running") return { ...now, service };
    if (performance.now() - told > TELL_EVERY_MS) {
      told = performance.now();
      note(`${projection} of ${service}: ${counted(now.events, "event")}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

function answerOf(items: readonly Rebuild[]) {
  const lines = items.map(({ code, events, projection, refused, service, state, unreadable }) =>
    state === "done"
      ? `${projection} of ${service} was made again from ${counted(events, "event")}; ${unreadable} could not be read, ${refused} were refused.`
      : `${projection} of ${service} stays as it was: ${code ?? "it failed"}.`,
  );
  return {
    json: { items },
    text: lines.join("\n") || "There is no projection here: Postgres does the work of all of them.",
    failed: items.some(({ state }) => state === "failed"),
  };
}
