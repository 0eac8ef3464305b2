import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { contentHash, sha256Hex } from "@opsdesk/identity";
import type { EventType } from "@opsdesk/schemas";
import type { Desk } from "@opsdesk/schemas/desk";
import { validExamples } from "@opsdesk/schemas/examples";

/** What `@opsdesk/service/testing` takes as given. */
interface Given {
  readonly type: EventType;
  readonly data: unknown;
  readonly tenant?: string;
  readonly id?: string;
  readonly correlationId?: string;
}

export const API_KEY = "odk_for-webhook-tests-only";
export const SECRETS_KEY = "a key for tests that is long enough";
export const CRM_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** The data of a valid example of a type, for one ticket. */
function exampleOf(type: EventType, ticketId: string): Record<string, unknown> {
  const [example] = validExamples(type);
  // The example's file is an event of this type.
  return { ...(example?.event.data as Record<string, unknown>), ticketId };
}

export const anEvent = (type: EventType, ticketId: string, change: Partial<Given> = {}): Given => ({
  type,
  data: exampleOf(type, ticketId),
  ...change,
});

export const aDesk = (endpoints: Desk["endpoints"], version = 1, tenant = "it-helpdesk"): Given => {
  const desk: Desk = {
    business: {
      id: tenant,
      name: "Northgate IT",
      locale: "en-GB",
      timeZone: "Europe/London",
      referencePrefix: "OD-",
      firstNumber: 1,
      signature: "IT",
    },
    ai: { enabled: true },
    teams: [{ id: "networks", name: "Networks" }],
    people: [{ id: "priya", name: "Priya", email: "priya@northgate.example", role: "admin" }],
    leadId: "priya",
    responseTargets: { low: 1, normal: 1, high: 1, urgent: 1 },
    signals: [],
    categories: [],
    templates: [],
    policy: {
      autoSend: { enabled: false, categories: [], capPerCustomerPerDay: 0, capPerHour: 0 },
      vetoRisks: [],
      groundednessMin: 1,
      evidenceMin: 1,
      undoSeconds: 0,
      linkHours: 24,
    },
    endpoints,
    scenarios: [],
    apiKeys: [
      {
        keyId: `key-${tenant}`,
        sha256: sha256Hex(`${API_KEY}-${tenant}`),
        scopes: ["webhooks:read", "webhooks:write"],
      },
    ],
  };
  return { type: "desk.configured", tenant, data: { version, contentHash: contentHash([version, endpoints]), desk } };
};

export interface Received {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A server on loopback that keeps what it gets; `answer` decides what it says. */
export async function receiver(
  answer: (request: Received, response: ServerResponse, count: number) => void = (_request, response) =>
    response.writeHead(204).end(),
) {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const got = {
        headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
        body: Buffer.concat(chunks).toString("utf8"),
      };
      received.push(got);
      answer(got, response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server has an address and port once it listens.
  const { port } = server.address() as AddressInfo;
  return {
    received,
    port,
    address: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hook`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function waitFor(what: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const until = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > until) throw new Error("it never happened");
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
