import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { message } from "./message.ts";
import { poll } from "./poll.ts";
import { lastLines } from "./run.ts";
import type { Server } from "./server.ts";

export interface ContainerOptions {
  readonly name: string;
  readonly image: string;
  readonly log: string;
  /** The container's port, and ours, which stays the same over restarts. */
  readonly port: { readonly container: number; readonly host: number };
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: readonly { readonly content: string; readonly target: string }[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly probe: () => Promise<void>;
}

const READY_WITHIN_MS = 180_000;

/** Imported where it is needed only: it is large, and most machines get along without. */
const testcontainers = () => import("testcontainers");

let lack: Promise<string | undefined> | undefined;

/** Asks once whether an engine answers. */
export function dockerMissing(): Promise<string | undefined> {
  lack ??= testcontainers()
    .then(async ({ getContainerRuntimeClient }) => {
      await getContainerRuntimeClient();
      return undefined;
    })
    .catch((error: unknown) => `start Docker or another container engine (${message(error)})`);
  return lack;
}

/** Where a container's ports are reached: another machine when the engine is remote. */
export async function dockerHost(): Promise<string> {
  const { getContainerRuntimeClient } = await testcontainers();
  return (await getContainerRuntimeClient()).info.containerRuntime.host;
}

/** A server in a container. It is removed with this process by testcontainers' reaper, and kept until then. */
export async function startContainer(options: ContainerOptions): Promise<Server> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await testcontainers();
  const { name, image, port, probe, log } = options;
  let definition = new GenericContainer(image)
    .withExposedPorts(port)
    .withEnvironment({ ...options.environment })
    .withCopyContentToContainer([...(options.files ?? [])])
    .withLogConsumer((stream) => stream.on("data", (line: string | Buffer) => appendFileSync(log, line)))
    // Whether it is ready is asked by the probe, in the same way for every origin.
    .withWaitStrategy(Wait.forListeningPorts())
    .withStartupTimeout(READY_WITHIN_MS);
  if (options.entrypoint !== undefined) definition = definition.withEntrypoint([...options.entrypoint]);
  if (options.command !== undefined) definition = definition.withCommand([...options.command]);
  const ready = (): Promise<void> => poll(probe, { withinMs: READY_WITHIN_MS, what: name });
  const begin = async () => {
    const started = await definition.start();
    await ready();
    return (await getContainerRuntimeClient()).container.getById(started.getId());
  };
  const container = await begin().catch((error: unknown) => {
    const said = existsSync(log) ? lastLines(readFileSync(log, "utf8")) : "nothing";
    throw new Error(`${message(error)}\n${log} ends with:\n${said}`, { cause: error });
  });

  const running = async (): Promise<boolean> => (await container.inspect()).State.Running;
  return {
    pid: undefined,
    stop: async () => {
      if (await running()) await container.stop({ t: 20 });
    },
    kill: async () => {
      if (await running()) await container.kill({ signal: "SIGKILL" });
    },
    start: async () => {
      if (!(await running())) await container.start();
      await ready();
    },
  };
}
