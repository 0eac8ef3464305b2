import { type Way, choose } from "./choice.ts";
import { dockerMissing } from "./docker.ts";
import { type ServerName, VARIABLES, givenAddress, onlyWay } from "./environment.ts";
import { poll } from "./poll.ts";
import type { Server, StartOptions } from "./server.ts";

export interface Recipe<T extends Server> {
  readonly name: ServerName;
  readonly options: StartOptions;
  /** The environment's server cannot do what is asked for: only one of our own can. */
  readonly ownOnly?: boolean;
  /** Wraps an address; `lifecycle` refuses to end what is not ours. */
  given(address: string, lifecycle: Server): T;
  /** Rejects while the server does not answer. */
  probe(server: T): Promise<void>;
  docker(): Promise<T>;
  nativeMissing(): Promise<string | undefined>;
  native(): Promise<T>;
}

const GIVEN_ANSWERS_WITHIN_MS = 30_000;

/** The environment's server, else a container, else a process. */
export async function obtain<T extends Server>(recipe: Recipe<T>): Promise<T> {
  const variable = VARIABLES[recipe.name];
  const address = givenAddress(recipe.name, process.env);
  const only = onlyWay(process.env);
  const passedOver = (way: "docker" | "native"): string | undefined =>
    only === undefined || only === way ? undefined : `not tried, as OPSDESK_TEST_SERVERS=${only} says`;

  const environment: Way<T> = {
    name: "environment",
    missing: () =>
      Promise.resolve(
        recipe.options.own === true || recipe.ownOnly === true
          ? "not tried, as a server of its own is needed"
          : address === undefined
            ? `set ${variable} to the address of a server that tests may write to`
            : undefined,
      ),
    start: async () => {
      const server = recipe.given(address!, notOurs(variable)); // `missing` has seen it
      await poll(() => recipe.probe(server), { withinMs: GIVEN_ANSWERS_WITHIN_MS, what: `${variable}=${address!}` });
      return server;
    },
  };
  const docker: Way<T> = {
    name: "docker",
    missing: async () => passedOver("docker") ?? (await dockerMissing()),
    start: () => recipe.docker(),
  };
  const native: Way<T> = {
    name: "native",
    missing: async () => passedOver("native") ?? (await recipe.nativeMissing()),
    start: () => recipe.native(),
  };
  return choose(recipe.name, [environment, docker, native]);
}

function notOurs(variable: string): Server {
  const refuse = (): Promise<never> =>
    Promise.reject(new Error(`the server of ${variable} is not ours to kill or start; ask for one with own: true`));
  return { pid: undefined, stop: () => Promise.resolve(), kill: refuse, start: refuse };
}
