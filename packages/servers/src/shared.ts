import { join } from "node:path";
import { NEO4J_PASSWORD, NEO4J_USER, SHARED, type ServerName, VARIABLES, serversToShare } from "./environment.ts";
import { startKafka } from "./kafka.ts";
import { startNeo4j } from "./neo4j.ts";
import { startOpenSearch } from "./opensearch.ts";
import { startPostgres } from "./postgres.ts";
import type { Server } from "./server.ts";

interface Shared {
  readonly server: Server;
  readonly variables: Readonly<Record<string, string>>;
}

const starts: Readonly<Record<ServerName, (folder: string) => Promise<Shared>>> = {
  postgres: async (folder) => {
    const server = await startPostgres({ folder });
    return { server, variables: { [VARIABLES.postgres]: server.url } };
  },
  kafka: async (folder) => {
    const server = await startKafka({ folder });
    return { server, variables: { [VARIABLES.kafka]: server.brokers.join(",") } };
  },
  opensearch: async (folder) => {
    const server = await startOpenSearch({ folder });
    return { server, variables: { [VARIABLES.opensearch]: server.url } };
  },
  neo4j: async (folder) => {
    const server = await startNeo4j({ folder });
    const { url, user, password } = server;
    return { server, variables: { [VARIABLES.neo4j]: url, [NEO4J_USER]: user, [NEO4J_PASSWORD]: password } };
  },
};

export interface SharedServers {
  stop(): Promise<void>;
}

/** Starts one of each, all at once, and leaves their addresses in the environment for every suite of this run. */
export async function startSharedServers(folder: string): Promise<SharedServers> {
  const wanted = serversToShare(process.env);
  const started: Server[] = [];
  const stop = async (): Promise<void> => {
    await Promise.allSettled(started.map((server) => server.stop()));
  };
  const results = await Promise.allSettled(
    wanted.map(async (name) => {
      const outside = process.env[VARIABLES[name]];
      const { server, variables } = await starts[name](join(folder, name));
      started.push(server);
      Object.assign(process.env, variables);
      return outside === undefined || outside === "" ? name : undefined;
    }),
  );
  const failures = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
  if (failures.length > 0) {
    await stop();
    throw new AggregateError(failures, failures.map(String).join("\n\n"));
  }
  const ours = results.flatMap((result) =>
    result.status === "fulfilled" && result.value !== undefined ? [result.value] : [],
  );
  process.env[SHARED] = ours.join(",");
  return { stop };
}
