import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "@opsdesk/database";
import { type Client, client } from "@opsdesk/opsdesk/client";
import type { Receiver } from "@opsdesk/opsdesk/receiver";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { topicCatalogue } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import { newId } from "@opsdesk/identity";
import { INSTALL_KEY, type InProcessDesk } from "../desk/in-process.ts";

/** One of two businesses that outsiders could not tell apart but for a word in their texts. */
export interface Side {
  readonly tenant: string;
  /** Stands in some of its texts and in no text of the other's. */
  readonly marker: string;
  readonly key: string;
  readonly api: Client;
  readonly receiver: Receiver;
  readonly tickets: readonly { readonly ticketId: string; readonly reference: string }[];
  readonly endpointId: string;
  readonly runIds: readonly string[];
}

export const SOURCE = "crm";
export const DOCUMENT = "shared-handbook";
const UNREADABLE = ["unreadable-1", "unreadable-2", "unreadable-3"];
const SCENARIO = "wifi-drops-daily-urgent-call";
const TEXTS = [
  "The Wi-Fi on my laptop drops every day at 2 pm in the Aldous Building. It comes back by itself after a minute.",
  "I forgot my password and cannot sign in to the portal any more. How do I set a new one?",
  "Printer NG-PRN-0417 shows error 13.20.01 and will not print. There is paper in it.",
  "How do I connect to the VPN from home?",
];
const LETTER = (marker: string) => `From: Ana ${marker} <ana@customers.example>\r
To: it@northgate.example\r
Subject: Softphone\r
Message-ID: <same-letter@customers.example>\r
Date: Mon, 02 Nov 2026 09:00:00 +0000\r
Content-Type: text/plain; charset=utf-8\r
\r
My softphone has no sound since this morning. Regards, ${marker}\r
`;

/** What a person outside can send in: the same for each business, with its word in it. */
export const enquiry = (marker: string, index: number) => ({
  channel: "web" as const,
  from: { name: `Ana ${marker}`, email: "ana@customers.example" },
  subject: "The same subject",
  text: index % 2 === 0 ? (TEXTS[index % TEXTS.length] ?? "") : `${TEXTS[index % TEXTS.length] ?? ""} (${marker})`,
  source: SOURCE,
  externalId: `row-${String(index)}`,
});

export const handbook = (marker: string) => ({
  sourceId: DOCUMENT,
  title: "Handbook of quarantined projectors",
  kind: "faq",
  audience: "customer",
  content: `# Quarantined projectors\n\nA projector in quarantine is released by the lamp warden after a burn-in of nine minutes.\n\nThe lamp warden of this business is called ${marker}.\n`,
});

/** Makes a business, and lets it do everything that leaves a trace somewhere. */
export async function makeSide(desk: InProcessDesk, tenant: string, marker: string, receiver: Receiver): Promise<Side> {
  const key = await createBusiness(client(desk.url, INSTALL_KEY), tenant);
  const api = client(desk.url, key);
  await applySampleDesk(api, receiver.url, () => undefined, { tenant });
  await api.send("POST", "/v1/knowledge/sources", handbook(marker), "handbook");
  const { endpointId } = await api.send<{ endpointId: string }>(
    "POST",
    "/v1/webhooks/endpoints",
    {
      name: "second",
      url: receiver.url,
      ownerId: "priya",
      contact: `${marker.toLowerCase()}@northgate.example`,
      events: ["ticket.changed", "reply.sent"],
    },
    "endpoint",
  );
  const tickets: { ticketId: string; reference: string }[] = [];
  for (let index = 0; index < TEXTS.length; index += 1)
    tickets.push(await api.send("POST", "/v1/enquiries", enquiry(marker, index), `enquiry-${String(index)}`));
  tickets.push(await api.mail("/v1/inbound-email", LETTER(marker)));
  const [first, second, third] = tickets;
  if (first === undefined || second === undefined || third === undefined) throw new Error("no tickets");
  await desk.idle();
  // The first draft stays pending; the second is approved, the third rejected.
  for (const [ticket, decision] of [
    [second, "approve"],
    [third, "reject"],
  ] as const) {
    const review = await untilFound(
      async () =>
        (
          await api.get<{ items: { id: string; fingerprint: string; sendable: boolean }[] }>(
            `/v1/reviews?ticket=${ticket.ticketId}&status=pending`,
          )
        ).items[0],
    );
    await api.send(
      "POST",
      `/v1/reviews/${review.id}/decisions?wait=10`,
      {
        decision: decision === "approve" && !review.sendable ? "take_over" : decision,
        actorId: "leila",
        fingerprint: review.fingerprint,
        note: marker,
      },
      `decide-${decision}`,
    );
  }
  const command = (reference: string, one: object, name: string) =>
    api.send("POST", `/v1/tickets/${reference}/commands`, { actorId: "priya", command: one }, `command-${name}`);
  const [, , , fourth] = tickets;
  if (fourth === undefined) throw new Error("no tickets");
  await command(fourth.reference, { type: "assign", assigneeId: "ewan" }, "assign");
  await command(fourth.reference, { type: "note", text: `Noted by ${marker}.` }, "note");
  await command(
    fourth.reference,
    { type: "follow_up", title: `Ring ${marker}`, ownerId: "priya", dueAt: "2027-01-04T09:00:00Z" },
    "follow-up",
  );
  await command(
    fourth.reference,
    { type: "log_contact", channel: "phone", reached: true, said: `Spoke with ${marker}.` },
    "contact",
  );
  await command(fourth.reference, { type: "reply", text: `Dear Ana ${marker}, it works again.` }, "reply");
  await api.send(
    "POST",
    `/v1/tickets/${third.reference}/messages`,
    { text: `Still the same, says ${marker}.`, externalId: "again" },
    "message",
  );
  await api.send(
    "POST",
    "/v1/examples",
    { set: "extra", examples: [{ text: `My projector is in quarantine, says ${marker}.`, categoryId: "hardware" }] },
    "examples",
  );
  // The kill switch has no route of its own yet.
  const [switched] = validExamples("admin.command_submitted");
  if (switched === undefined) throw new Error("no example of a command");
  const { causationid: _, ...envelope } = switched.event;
  await desk.bus.send([
    {
      topic: "admin.command_submitted.v1",
      key: tenant,
      headers: {},
      value: JSON.stringify({
        ...envelope,
        id: newId(),
        correlationid: newId(),
        idempotencykey: newId(),
        source: "/admin",
        tenantid: tenant,
        data: {
          actor: { kind: "person", id: "leila" },
          target: "policy",
          command: "auto_send_off",
          arguments: { categories: ["vpn"] },
        },
      }),
    },
  ]);
  const runIds: string[] = [];
  for (const run of ["one", "two"]) {
    const { runId } = await api.send<{ runId: string }>(
      "POST",
      "/v1/evaluation/runs",
      { scenarioIds: [SCENARIO] },
      run,
    );
    await untilFound(async () =>
      (await api.get<{ status: string }>(`/v1/evaluation/runs/${runId}`)).status === "completed" ? runId : undefined,
    );
    runIds.push(runId);
  }
  // What this business alone has, by an id that could be asked for.
  await api.send("POST", "/v1/enquiries", { ...enquiry(marker, 0), externalId: `only-${tenant}` }, `only-${tenant}`);
  await api.send(
    "POST",
    "/v1/knowledge/sources",
    { ...handbook(marker), sourceId: `only-${tenant}`, title: "Only here" },
    "only",
  );
  // Something for the operators: unreadable records in each topic, so that every service has parked more of this business
  // than the probes close and replace.
  await desk.bus.send(
    topicCatalogue
      .flatMap((topic) => UNREADABLE.map((id) => ({ topic, id })))
      .map(({ id, topic }) => ({
        topic: topic.name,
        key: null,
        headers: {},
        value: JSON.stringify({
          id,
          source: "/elsewhere",
          type: topic.eventType,
          tenantid: tenant,
          data: { said: `no ${marker}` },
        }),
      })),
  );
  await desk.idle();
  return { tenant, marker, key, api, receiver, tickets, endpointId, runIds };
}

/** Repeats until there is an answer. */
export async function untilFound<T>(look: () => Promise<T | undefined>, ms = 20_000): Promise<T> {
  for (const until = performance.now() + ms; ; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > until)
      throw new Error(`not found within ${String(ms)} ms: ${look.toString().slice(0, 200)}`);
  }
}

/** The tenants whose rows are a business's own. */
const tenantsOf = (side: Pick<Side, "tenant">): readonly string[] => [side.tenant, `${side.tenant}~eval`];

const GENERATED =
  /\b(?:[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-[57][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\b/g;
/** Every id in a text that somebody here has made: by name or by time, never by an outsider. */
export const generatedIds = (text: string): ReadonlySet<string> => new Set(text.match(GENERATED) ?? []);

/** What a table holds of a business, as text. */
export async function rowsOf(
  desk: InProcessDesk,
  table: string,
  side: Pick<Side, "tenant">,
): Promise<readonly string[]> {
  // The name comes from the catalogue of this very database.
  const { rows } = await desk.database.execute(
    `select to_jsonb(t)::text as row from ${table} t where tenant = any($1)`,
    [tenantsOf(side)],
  );
  return (rows as { row: string }[]).map(({ row }) => row);
}

/** A fingerprint of everything that a business has, table by table; what waits is retried by the clock, so its due times are left out. */
export async function fingerprintOf(
  desk: InProcessDesk,
  tables: readonly string[],
  side: Pick<Side, "tenant">,
): Promise<ReadonlyMap<string, string>> {
  const prints = new Map<string, string>();
  for (const table of tables) {
    const row = table.endsWith(".deferred_events") ? "consumer || ' ' || event_id" : "t::text";
    const { rows } = await desk.database.execute(
      `select coalesce(md5(string_agg(md5(${row}), '' order by md5(${row}))), '') as print from ${table} t where tenant = any($1)`,
      [tenantsOf(side)],
    );
    prints.set(table, (rows as { print: string }[])[0]?.print ?? "");
  }
  return prints;
}

export const recordsOf = async (
  desk: InProcessDesk,
  topic: string,
  side: Pick<Side, "tenant">,
): Promise<readonly string[]> =>
  (
    await desk.database.query<{ value: string }>(
      sql`select value from bus.records where topic = ${topic} and value::jsonb ->> 'tenantid' = any(${[...tenantsOf(side)]}::text[]) order by "offset"`,
    )
  ).map(({ value }) => value);
