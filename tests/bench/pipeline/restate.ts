import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import * as restateSdk from "@restatedev/restate-sdk";
import { connect } from "@restatedev/restate-sdk-clients";
import { startRestate } from "@opsdesk/servers";
import getPort from "get-port";
import {
  type Pipeline,
  type Place,
  STEPS,
  type System,
  type Ticket,
  effectOf,
  effectsCount,
  effectsTables,
  peerPool,
} from "./system.ts";

const CONNECTIONS = 20;

/** One handler with five steps that Restate journals; each writes its effect with one statement that may be repeated. */
export const restate: System = {
  title: "Restate",
  settings: [
    'one handler with five ctx.run steps; sent one way over HTTP, without an idempotency key (docs.restate.dev, "Durable Steps", "HTTP invocation")',
    "one partition, with which a lone node is fastest (restatedev/restate#5305; here 555, 507 and 433 tickets/s at 512 in flight with 1, 2 and its default of 24)",
    'one server process, otherwise with its defaults, which put what is journalled on disk first (docs.restate.dev, "Server configuration"); it stands in for the broker',
    `HTTP/2 between server and handler, both ways at once, as its SDK chooses by itself; ${CONNECTIONS} connections for the effects`,
  ],
  effects: effectsCount(),
  async server(folder) {
    const server = await startRestate({ folder });
    const { admin, ingress } = server;
    return { server, addresses: { admin, ingress, port: String(await getPort()) } };
  },
  open,
};

async function open({ addresses: { admin, ingress, port }, databaseUrl, onDone }: Place): Promise<Pipeline> {
  const pool = peerPool(databaseUrl, CONNECTIONS);
  await pool.query(effectsTables());
  const gate = Promise.withResolvers<void>();
  const service = restateSdk.service({
    name: "pipeline",
    handlers: {
      ticket: async (ctx: restateSdk.Context, ticket: Ticket) => {
        // A backlog is accepted only for a service that is known, and it is known when it answers.
        await gate.promise;
        for (const step of STEPS)
          await ctx.run(`store-${step}`, async () => {
            await pool.query(effectOf(step, ticket));
          });
        onDone(ticket.id);
      },
    },
  });
  const server = createServer(restateSdk.createEndpointHandler({ services: [service] }));
  // The same port after a kill: the server looks for the handler where it was.
  server.listen(Number(port), "127.0.0.1");
  await once(server, "listening");
  await known(admin ?? "", (server.address() as AddressInfo).port);
  const client = connect({ url: ingress ?? "" }).serviceSendClient(service);

  return {
    submit: async (tickets) => {
      await Promise.all(tickets.map((ticket) => client.ticket(ticket)));
    },
    run: () => Promise.resolve(gate.resolve()),
    async stop() {
      server.close();
      await pool.end();
    },
  };
}

async function known(admin: string, port: number): Promise<void> {
  const answer = await fetch(`${admin}/deployments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}`, force: true }),
  });
  if (!answer.ok) throw new Error(`Restate refused the service: ${answer.status} ${await answer.text()}`);
}
