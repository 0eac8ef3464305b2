import { sql } from "@opsdesk/database";
import { contractOfTopic } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import { type InProcessDesk, INSTALL_KEY } from "../desk/in-process.ts";
import { DOCUMENT, SOURCE, type Side, enquiry, generatedIds, handbook, untilFound } from "./sides.ts";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
export interface Answer {
  readonly status: number;
  readonly text: string;
  // What a probe looks into is what the route documents; each probe fails where it is not there.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** What a probe is given: its own key, and what the other has that could be asked for. */
export interface Asking {
  readonly desk: InProcessDesk;
  readonly me: Side;
  readonly other: Side;
  /** With one's own key for one's own things: must be answered with `status` (200 by default). */
  own(request: Request, status?: number): Promise<Answer>;
  /** With one's own key for the other's things: must be refused with `status`, and tell nothing. */
  refused(request: Request, status?: number): Promise<Answer>;
  /** With one's own key for the other's things, where the answer is a list or one's own new thing: must hold nothing of the other. */
  apart(request: Request, status?: number): Promise<Answer>;
  /** Readable without a key: holds nothing of anybody. */
  impersonal(request: Request, status?: number): Promise<Answer>;
}
export type Probe = (asking: Asking) => Promise<unknown>;

const AS_INSTALLATION = { authorization: `Bearer ${INSTALL_KEY}` };
const get = (path: string): Request => ({ method: "GET", path });
let sent = 0;
const write = (method: string, path: string, body?: unknown): Request => ({
  method,
  path,
  body,
  headers: { "idempotency-key": `probe-${String((sent += 1))}` },
});
const ticket = (side: Side, index = 0) => {
  const found = side.tickets[index];
  if (found === undefined) throw new Error("no such ticket");
  return found;
};
const expectItems = (answer: Answer): Answer => {
  if (!Array.isArray(answer.body.items) || answer.body.items.length === 0)
    throw new Error(`the owner sees an empty list: ${answer.text.slice(0, 200)}`);
  return answer;
};
const expectNone = (answer: Answer): Answer => {
  if (answer.body.items.length !== 0)
    throw new Error(`a list by the other's id is not empty: ${answer.text.slice(0, 200)}`);
  return answer;
};
const firstId = async (side: Side, path: string, name: string): Promise<string> => {
  const { items } = await side.api.get<{ items: Record<string, string>[] }>(path);
  const id = items[0]?.[name];
  if (id === undefined) throw new Error(`${side.tenant} has nothing at ${path}`);
  return id;
};
const reviewOf = (side: Side) =>
  side.api
    .get<{ items: { id: string; fingerprint: string }[] }>(`/v1/reviews?status=pending&limit=1`)
    .then(({ items }) => items[0] ?? { id: "", fingerprint: "" });
const endpointOf = async ({ me }: Asking) =>
  (
    await me.api.send<{ endpointId: string }>(
      "POST",
      "/v1/webhooks/endpoints",
      {
        name: `spare-${String((sent += 1))}`,
        url: me.receiver.url,
        ownerId: "priya",
        contact: "spare@northgate.example",
        events: ["reply.failed"],
      },
      `spare-${String(sent)}`,
    )
  ).endpointId;

/** An open dead letter of one service; not of desk.configured, whose example would send webhooks to addresses of its own. */
const deadLetterOf = async (
  desk: InProcessDesk,
  schema: string,
  side: Side,
): Promise<{ id: string; topic: string }> => {
  const { rows } = await desk.database.execute(
    `select id, topic from ${schema}.dead_letters where tenant = $1 and status = 'open' and topic <> 'desk.configured.v1' order by id limit 1`,
    [side.tenant],
  );
  const [row] = rows as { id: string; topic: string }[];
  if (row === undefined) throw new Error(`${schema} has parked nothing of ${side.tenant}`);
  return row;
};

function opsProbes(service: string): Record<string, Probe> {
  const base = `/ops/${service}`;
  const schema = service.replaceAll("-", "_");
  return {
    [`GET ${base}/dead-letters`]: async ({ own, apart, desk, other }) => {
      expectItems(await own(get(`${base}/dead-letters`)));
      await apart(get(`${base}/dead-letters?cursor=${(await deadLetterOf(desk, schema, other)).id}`));
    },
    [`GET ${base}/dead-letters/groups`]: async ({ own, desk, me }) => {
      const { body } = await own(get(`${base}/dead-letters/groups`));
      const [count] = await desk.database.query<{ n: number }>(sql`select count(*) as n from bus.records`);
      const { rows } = await desk.database.execute(
        `select count(*)::int as n from ${schema}.dead_letters where tenant = $1 and status = 'open'`,
        [me.tenant],
      );
      const told = (body as { count: number }[]).reduce((sum, one) => sum + one.count, 0);
      if (told === 0 || (count?.n ?? 0) === 0 || told !== (rows as { n: number }[])[0]?.n)
        throw new Error(`groups count ${String(told)}`);
    },
    [`GET ${base}/dead-letters/:id`]: async ({ own, refused, desk, me, other }) => {
      await own(get(`${base}/dead-letters/${(await deadLetterOf(desk, schema, me)).id}`));
      await refused(get(`${base}/dead-letters/${(await deadLetterOf(desk, schema, other)).id}`));
    },
    [`POST ${base}/dead-letters/:id/retry`]: async ({ own, refused, desk, me, other }) => {
      await own(write("POST", `${base}/dead-letters/${(await deadLetterOf(desk, schema, me)).id}/retry`));
      await refused(write("POST", `${base}/dead-letters/${(await deadLetterOf(desk, schema, other)).id}/retry`));
    },
    [`POST ${base}/dead-letters/:id/close`]: async ({ own, refused, desk, me, other }) => {
      const body = { because: "of no use" };
      const theirs = (await deadLetterOf(desk, schema, other)).id;
      await refused(write("POST", `${base}/dead-letters/${theirs}/close`, body));
      await own(write("POST", `${base}/dead-letters/${(await deadLetterOf(desk, schema, me)).id}/close`, body));
    },
    [`POST ${base}/dead-letters/:id/replace`]: async ({ own, refused, desk, me, other }) => {
      const mine = await deadLetterOf(desk, schema, me);
      const event = exampleFor(mine.topic, me.tenant);
      await own(write("POST", `${base}/dead-letters/${mine.id}/replace`, { event }));
      const theirs = await deadLetterOf(desk, schema, other);
      await refused(
        write("POST", `${base}/dead-letters/${theirs.id}/replace`, { event: exampleFor(theirs.topic, other.tenant) }),
      );
      // An event that names the other goes to whom the key belongs to, or nowhere.
      const again = await deadLetterOf(desk, schema, me);
      await own(
        write("POST", `${base}/dead-letters/${again.id}/replace`, { event: exampleFor(again.topic, other.tenant) }),
      );
    },
    [`GET ${base}/rebuild`]: async ({ impersonal: ask, refused }) => {
      // Of no business: the installation's key opens it, a business's own does not.
      await ask({ ...get(`${base}/rebuild`), headers: AS_INSTALLATION });
      await refused(get(`${base}/rebuild`), 401);
    },
    [`POST ${base}/rebuild`]: async ({ own, refused }) => {
      const body = { projection: "search" };
      // Nothing is projected where Postgres does all the work.
      await own({ method: "POST", path: `${base}/rebuild`, body, headers: AS_INSTALLATION }, 404);
      await refused(write("POST", `${base}/rebuild`, body), 401);
    },
    [`POST ${base}/replay`]: async ({ own, desk, me }) => {
      const { body } = await own(write("POST", `${base}/replay`, { dryRun: true }));
      const consumed = await desk.database.execute(
        `select distinct split_part(consumer, '.', 2) as handler from ${schema}.inbox`,
      );
      if (consumed.rows.length === 0 || body.read === 0) throw new Error("nothing to replay");
      const all = await desk.database.execute(
        `select count(*)::int as n from bus.records where value::jsonb ->> 'tenantid' = $1`,
        [me.tenant],
      );
      // A service listens to each topic at most once.
      if (body.read > ((all.rows as { n: number }[])[0]?.n ?? 0))
        throw new Error(`a replay would read ${String(body.read)} events, more than ${me.tenant} has`);
      const healed = await own(
        write("POST", `${base}/replay`, {
          fromOffset: 0,
          perSecondMax: 10_000,
          topic: await smallestTopic(desk, schema, me),
        }),
      );
      if (healed.body.read === 0) throw new Error("the owner's replay read nothing");
    },
  };
}

/** A topic that a service has consumed little of, so that its replay is short. */
async function smallestTopic(desk: InProcessDesk, schema: string, me: Side): Promise<string> {
  const { rows } = await desk.database.execute(
    `select topic from ${schema}.dead_letters where tenant = $1 group by topic order by (select count(*) from bus.records r where r.topic = dead_letters.topic) limit 1`,
    [me.tenant],
  );
  return (rows as { topic: string }[])[0]?.topic ?? "";
}

/** A valid event of a topic, as if a tenant had sent it. */
export function exampleFor(
  topic: string,
  tenant: string,
): Record<string, unknown> & { readonly data: Record<string, unknown> } {
  const contract = contractOfTopic(topic);
  const [example] = contract === undefined ? [] : validExamples(contract.type);
  if (example === undefined) throw new Error(`no example for ${topic}`);
  return { ...structuredClone(example.event), tenantid: tenant } as Record<string, unknown> & {
    data: Record<string, unknown>;
  };
}

const impersonal =
  (path: string): Probe =>
  async ({ impersonal: ask }) =>
    ask(get(path));

/** How each route is tried. A route that is not here fails the suite. */
export const probes = (services: readonly string[]): Readonly<Record<string, Probe>> => ({
  ...Object.assign({}, ...services.map(opsProbes)),
  "GET /livez": impersonal("/livez"),
  "GET /readyz": impersonal("/readyz"),
  "GET /idlez": async ({ impersonal: ask, desk }) => {
    const atRest = async (): Promise<unknown> => {
      await desk.idle();
      return await ask(get("/idlez"));
    };
    // What is begun by time may begin between the two.
    await atRest().catch(atRest);
  },
  "GET /metrics": impersonal("/metrics"),
  "GET /openapi.json": impersonal("/openapi.json"),

  "POST /v1/businesses": async ({ own, refused, me, other }) => {
    const made = await own(
      {
        method: "POST",
        path: "/v1/businesses",
        body: { id: `${me.tenant}-branch`, name: "A branch" },
        headers: AS_INSTALLATION,
      },
      201,
    );
    if (made.body.tenant !== `${me.tenant}-branch`) throw new Error(made.text);
    // The other's id is taken, and a business's own key makes none.
    await refused(
      {
        method: "POST",
        path: "/v1/businesses",
        body: { id: other.tenant, name: "Mine now" },
        headers: AS_INSTALLATION,
      },
      409,
    );
    await refused(
      {
        method: "POST",
        path: "/v1/businesses",
        body: { id: `${other.tenant}~eval`, name: "Mine now" },
        headers: AS_INSTALLATION,
      },
      400,
    );
    await refused(write("POST", "/v1/businesses", { id: "another", name: "Another" }), 401);
  },
  "PUT /v1/desk": async ({ own, refused, other }) => {
    const files = (id: string) => ({
      "desk.yaml": `business: { id: ${id}, name: X, locale: en-GB, timeZone: Europe/London }\n`,
    });
    // The owner's whole pack was applied when the business was made; an incomplete one is told its problems.
    const told = await own(write("PUT", "/v1/desk", { files: files("anything") }), 422);
    if (told.body.code !== "desk_pack_invalid") throw new Error(told.text);
    await refused(write("PUT", "/v1/desk", { files: files(other.tenant) }), 422);
  },
  "GET /v1/auto-send": async ({ own, apart }) => {
    await own(get("/v1/auto-send"));
    await apart(get("/v1/auto-send"));
  },
  "PUT /v1/auto-send": async ({ own }) => {
    const stopped = await own(write("PUT", "/v1/auto-send", { enabled: false, categories: ["vpn"] }));
    if (stopped.body.stopped[0]?.categoryId !== "vpn") throw new Error("the owner's stop does not hold");
    // That nothing of the other is stopped is seen in its rows, which are compared afterwards.
    const lifted = await own(write("PUT", "/v1/auto-send", { enabled: true, categories: ["vpn"] }));
    if (lifted.body.stopped.length !== 0) throw new Error("the owner's stop was not lifted");
  },
  "POST /v1/examples": async ({ own, apart, me }) => {
    const examples = [{ text: `The projector, says ${me.marker}`, categoryId: "hardware" }];
    await own(write("POST", "/v1/examples", { set: "probe", examples }), 202);
    // The other's set of this name stays what it is (its rows are compared afterwards).
    await apart(write("POST", "/v1/examples", { set: "extra", examples }), 202);
  },

  "POST /v1/enquiries": async ({ own, apart, me, other }) => {
    const again = await own(
      { ...write("POST", "/v1/enquiries", enquiry(me.marker, 0)), headers: { "idempotency-key": "enquiry-0" } },
      202,
    );
    if (again.body.ticketId !== ticket(me).ticketId) throw new Error("the owner's repeat made another ticket");
    // The other's ids as references thread into nothing of the other.
    const body = {
      ...enquiry(me.marker, 2),
      externalId: "probe",
      references: [
        "same-letter@customers.example",
        ticket(other).ticketId,
        ...generatedIds(JSON.stringify(other.tickets)),
      ],
    };
    await apart(write("POST", "/v1/enquiries", body), 202);
  },
  "GET /v1/enquiries/:source/:externalId": async ({ own, refused, me, other }) => {
    const { body } = await own(get(`/v1/enquiries/${SOURCE}/row-0`));
    if (body.ticketId !== ticket(me).ticketId) throw new Error("another's ticket");
    await refused(get(`/v1/enquiries/${SOURCE}/only-${other.tenant}`));
  },
  "POST /v1/inbound-email": async ({ own, apart, me, other }) => {
    const mail = (subject: string) =>
      `From: x@customers.example\r\nTo: it@northgate.example\r\nSubject: ${subject}\r\nMessage-ID: <${subject.replaceAll(/\W/g, "")}@x>\r\nIn-Reply-To: <${ticket(other).ticketId}@x>\r\n\r\nHello from ${me.marker}\r\n`;
    const post = (subject: string): Request => ({
      method: "POST",
      path: "/v1/inbound-email",
      body: mail(subject),
      headers: { "content-type": "message/rfc822" },
    });
    await own(post("Own letter"), 202);
    await apart(post(`Re: [${ticket(other).reference}] ${ticket(other).ticketId}`), 202);
  },
  "GET /v1/tickets/:ref": async ({ own, refused, me, other }) => {
    const byReference = await own(get(`/v1/tickets/${ticket(me).reference}`));
    // Both count from the same number: the reference alone must find one's own.
    if (byReference.body.ticketId !== ticket(me).ticketId || ticket(me).reference !== ticket(other).reference)
      throw new Error(byReference.text.slice(0, 300));
    await refused(get(`/v1/tickets/${ticket(other).ticketId}`));
  },
  "POST /v1/tickets/:ref/messages": async ({ own, refused, me, other }) => {
    await own(write("POST", `/v1/tickets/${ticket(me, 4).ticketId}/messages`, { text: `More from ${me.marker}` }), 202);
    await refused(
      write("POST", `/v1/tickets/${ticket(other, 4).ticketId}/messages`, { text: "Into another's ticket" }),
    );
  },
  "POST /v1/tickets/:ref/commands": async ({ own, refused, me, other }) => {
    const body = { actorId: "priya", command: { type: "note", text: `A note of ${me.marker}` } };
    await own(write("POST", `/v1/tickets/${ticket(me).ticketId}/commands`, body), 202);
    await refused(write("POST", `/v1/tickets/${ticket(other).ticketId}/commands`, body));
    await refused(
      write("POST", `/v1/tickets/${ticket(me).ticketId}/commands`, {
        actorId: "priya",
        command: { type: "merge", intoTicketId: ticket(other).ticketId },
      }),
    );
  },

  "GET /v1/knowledge/sources": async ({ own, apart }) => {
    expectItems(await own(get("/v1/knowledge/sources?limit=200")));
    await apart(get("/v1/knowledge/sources?cursor=a&limit=200"));
  },
  "POST /v1/knowledge/sources": async ({ own, apart, me }) => {
    await own(
      write("POST", "/v1/knowledge/sources", {
        ...handbook(me.marker),
        sourceId: `probe-${me.tenant}`,
        title: "Probe",
      }),
      202,
    );
    // A new version of the shared id is one's own alone.
    const { body } = await apart(
      write("POST", "/v1/knowledge/sources", {
        ...handbook(me.marker),
        content: `${handbook(me.marker).content}\nSecond version of ${me.marker}.\n`,
      }),
      202,
    );
    if (body.version !== 2) throw new Error("versions are counted across businesses");
  },
  "GET /v1/knowledge/sources/:id": async ({ own, refused, other }) => {
    await own(get(`/v1/knowledge/sources/${DOCUMENT}`));
    await refused(get(`/v1/knowledge/sources/only-${other.tenant}`));
  },
  "DELETE /v1/knowledge/sources/:id": async ({ own, refused, me, other }) => {
    await me.api.send(
      "POST",
      "/v1/knowledge/sources",
      { ...handbook(me.marker), sourceId: `short-${me.tenant}`, title: "Short" },
      `short-${me.tenant}`,
    );
    await own(write("DELETE", `/v1/knowledge/sources/short-${me.tenant}`));
    await refused(write("DELETE", `/v1/knowledge/sources/only-${other.tenant}`));
  },
  "POST /v1/knowledge/search": async ({ own, apart, me, other }) => {
    const { text, body } = await own({
      method: "POST",
      path: "/v1/knowledge/search",
      body: { query: "lamp warden of quarantined projectors burn-in", limit: 50 },
    });
    if (!text.includes(me.marker) || body.results.length === 0)
      throw new Error("the owner does not find its own handbook");
    await apart({
      method: "POST",
      path: "/v1/knowledge/search",
      body: { query: `lamp warden ${other.marker}`, limit: 50 },
    });
  },

  "GET /v1/webhooks/endpoints": async ({ own, apart, other }) => {
    expectItems(await own(get("/v1/webhooks/endpoints")));
    await apart(get(`/v1/webhooks/endpoints?cursor=${other.endpointId}`));
  },
  "POST /v1/webhooks/endpoints": async ({ own, me }) =>
    own(
      write("POST", "/v1/webhooks/endpoints", {
        name: `probe-${String(sent)}`,
        url: me.receiver.url,
        ownerId: "priya",
        contact: "x@northgate.example",
        events: ["reply.failed"],
      }),
      201,
    ),
  "GET /v1/webhooks/endpoints/:id": async ({ own, refused, me, other }) => {
    await own(get(`/v1/webhooks/endpoints/${me.endpointId}`));
    await refused(get(`/v1/webhooks/endpoints/${other.endpointId}`));
  },
  "PATCH /v1/webhooks/endpoints/:id": async ({ own, refused, me, other }) => {
    await own(write("PATCH", `/v1/webhooks/endpoints/${me.endpointId}`, { contact: "new@northgate.example" }));
    await refused(write("PATCH", `/v1/webhooks/endpoints/${other.endpointId}`, { url: me.receiver.url }));
  },
  "DELETE /v1/webhooks/endpoints/:id": async (asking) => {
    await asking.own(write("DELETE", `/v1/webhooks/endpoints/${await endpointOf(asking)}`));
    await asking.refused(write("DELETE", `/v1/webhooks/endpoints/${asking.other.endpointId}`));
  },
  "POST /v1/webhooks/endpoints/:id/rotate-secret": async (asking) => {
    await asking.own(write("POST", `/v1/webhooks/endpoints/${await endpointOf(asking)}/rotate-secret`, {}));
    await asking.refused(write("POST", `/v1/webhooks/endpoints/${asking.other.endpointId}/rotate-secret`, {}));
  },
  "POST /v1/webhooks/endpoints/:id/test": async ({ own, refused, me, other }) => {
    await own(write("POST", `/v1/webhooks/endpoints/${me.endpointId}/test`), 202);
    await refused(write("POST", `/v1/webhooks/endpoints/${other.endpointId}/test`));
  },
  "GET /v1/webhooks/deliveries": async ({ own, apart, other }) => {
    expectItems(await own(get("/v1/webhooks/deliveries?limit=200")));
    expectNone(await apart(get(`/v1/webhooks/deliveries?endpointId=${other.endpointId}`)));
    expectNone(await apart(get(`/v1/webhooks/deliveries?ticketId=${ticket(other).ticketId}`)));
  },
  "GET /v1/webhooks/deliveries/:id": async ({ own, refused, me, other }) => {
    await own(get(`/v1/webhooks/deliveries/${await firstId(me, "/v1/webhooks/deliveries", "deliveryId")}`));
    await refused(get(`/v1/webhooks/deliveries/${await firstId(other, "/v1/webhooks/deliveries", "deliveryId")}`));
  },
  "POST /v1/webhooks/deliveries/replay": async ({ own, refused, apart, me, other }) => {
    const { body } = await own(
      write("POST", "/v1/webhooks/deliveries/replay", {
        deliveryId: await firstId(me, "/v1/webhooks/deliveries?state=delivered", "deliveryId"),
      }),
      202,
    );
    if (body.replayed !== 1) throw new Error("the owner's delivery was not sent again");
    await refused(write("POST", "/v1/webhooks/deliveries/replay", { endpointId: other.endpointId }));
    await refused(
      write("POST", "/v1/webhooks/deliveries/replay", {
        deliveryId: await firstId(other, "/v1/webhooks/deliveries", "deliveryId"),
      }),
    );
    await apart(
      write("POST", "/v1/webhooks/deliveries/replay", { endpointId: me.endpointId, since: "2026-01-01T00:00:00Z" }),
      202,
    );
  },
  "POST /v1/decisions/:reviewId": async ({ own, refused, me, other }) => {
    const linkOf = (side: Side): { reviewId: string; token: string } => {
      for (const { body } of side.receiver.received().toReversed()) {
        const found =
          /\/v1\/decisions\/(rev_[0-9a-z]{26})\?token=([^"\\&]+)/.exec(body) ??
          /\/decisions\/(rev_[0-9a-z]{26})[^"\\]*[?#&]token=([^"\\&]+)/.exec(body);
        if (found?.[1] !== undefined && found[2] !== undefined)
          return { reviewId: found[1], token: decodeURIComponent(found[2]) };
      }
      throw new Error(`no decision link reached ${side.tenant}`);
    };
    const [mine, theirs] = [linkOf(me), linkOf(other)];
    await refused(write("POST", `/v1/decisions/${theirs.reviewId}`, { token: mine.token, decision: "reject" }));
    await own(write("POST", `/v1/decisions/${mine.reviewId}`, { token: mine.token, decision: "take_over" }), 202);
  },

  "GET /v1/evaluation/scenarios": async ({ own }) => expectItems(await own(get("/v1/evaluation/scenarios"))),
  "GET /v1/evaluation/runs": async ({ own, apart, other }) => {
    expectItems(await own(get("/v1/evaluation/runs")));
    await apart(get(`/v1/evaluation/runs?cursor=${other.runIds[0] ?? ""}`));
  },
  "POST /v1/evaluation/runs": async ({ own, me }) => {
    // The key that the other used as well: one's own run of it is answered.
    const { body } = await own(
      {
        method: "POST",
        path: "/v1/evaluation/runs",
        body: { scenarioIds: ["wifi-drops-daily-urgent-call"] },
        headers: { "idempotency-key": "one" },
      },
      202,
    );
    if (body.runId !== me.runIds[0]) throw new Error("another's run");
  },
  "GET /v1/evaluation/runs/:id": async ({ own, refused, me, other }) => {
    await own(get(`/v1/evaluation/runs/${me.runIds[0] ?? ""}`));
    await refused(get(`/v1/evaluation/runs/${other.runIds[0] ?? ""}`));
  },
  "GET /v1/evaluation/runs/:id/compare": async ({ own, refused, me, other }) => {
    const [first = "", second = ""] = me.runIds;
    await own(get(`/v1/evaluation/runs/${first}/compare?with=${second}`));
    await refused(get(`/v1/evaluation/runs/${other.runIds[0] ?? ""}/compare?with=${first}`));
    await refused(get(`/v1/evaluation/runs/${first}/compare?with=${other.runIds[0] ?? ""}`));
  },

  "GET /v1/stories": async ({ own, apart, other }) => {
    expectItems(await own(get("/v1/stories?limit=200")));
    expectNone(await apart(get(`/v1/stories?q=${ticket(other).ticketId}`)));
    await apart(get(`/v1/stories?q=${other.marker}&limit=200`));
    await apart(get("/v1/stories?shadow=true&limit=200"));
  },
  "GET /v1/stories/:ref": async ({ own, refused, me, other }) => {
    const { body } = await own(get(`/v1/stories/${ticket(me).reference}`));
    if (body.ticketId !== ticket(me).ticketId || body.evidence.length === 0)
      throw new Error("not the owner's story, or without evidence");
    await refused(get(`/v1/stories/${ticket(other).ticketId}`));
    await refused(get(`/v1/stories/${ticket(other).ticketId}?shadow=true`));
  },
  "GET /v1/events": async ({ own, apart, other }) => {
    let path = "/v1/events?limit=200";
    for (let pages = 0; pages < 50; pages += 1) {
      const { body } = expectItems(await own(get(path)));
      if (body.nextCursor === null) break;
      path = `/v1/events?limit=200&cursor=${String(body.nextCursor)}`;
    }
    expectNone(await apart(get(`/v1/events?ticket=${ticket(other).ticketId}`)));
  },
  "GET /v1/events/stream": async ({ desk, me, other, own }) => {
    // Documented by its stream; `own` shows that the list behind it answers.
    await own(get("/v1/events?limit=1"));
    const stop = new AbortController();
    const response = await me.api.open("/v1/events/stream?after=0", stop.signal);
    let text = "";
    const reading = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
    })().catch(() => undefined);
    const made = await me.api.send<{ ticketId: string }>(
      "POST",
      "/v1/enquiries",
      { ...enquiry(me.marker, 2), externalId: `stream-${me.tenant}` },
      `stream-${me.tenant}`,
    );
    await untilFound(() =>
      Promise.resolve(text.includes(`"type":"ticket.created"`) && text.includes(made.ticketId) ? true : undefined),
    );
    stop.abort();
    await reading;
    await desk.idle();
    const tenants = new Set(text.match(/"tenantid":"[^"]*"/g));
    if (tenants.size !== 1 || !tenants.has(`"tenantid":"${me.tenant}"`) || text.includes(other.marker))
      throw new Error(`the stream of ${me.tenant} holds ${[...tenants].join(", ")}`);
  },
  "GET /v1/reviews": async ({ own, apart, other }) => {
    expectItems(await own(get("/v1/reviews?limit=200")));
    expectNone(await apart(get(`/v1/reviews?ticket=${ticket(other).ticketId}`)));
  },
  "GET /v1/reviews/:id": async ({ own, refused, me, other }) => {
    await own(get(`/v1/reviews/${(await reviewOf(me)).id}`));
    await refused(get(`/v1/reviews/${(await reviewOf(other)).id}`));
  },
  "POST /v1/reviews/:id/decisions": async ({ own, refused, me, other }) => {
    const theirs = await reviewOf(other);
    await refused(
      write("POST", `/v1/reviews/${theirs.id}/decisions`, {
        decision: "reject",
        actorId: "leila",
        fingerprint: theirs.fingerprint,
      }),
    );
    const mine = await reviewOf(me);
    await own(
      write("POST", `/v1/reviews/${mine.id}/decisions?wait=10`, {
        decision: "take_over",
        actorId: "leila",
        fingerprint: mine.fingerprint,
      }),
    );
  },

  "GET /ops/safety-gate/decisions/:ticketRef": async ({ own, refused, me, other }) => {
    expectItems(await own(get(`/ops/safety-gate/decisions/${ticket(me).ticketId}`)));
    await refused(get(`/ops/safety-gate/decisions/${ticket(other).ticketId}`));
  },
  "GET /ops/safety-gate/decisions/:ticketRef/replay": async ({ own, refused, me, other }) => {
    expectItems(await own(get(`/ops/safety-gate/decisions/${ticket(me).reference}/replay`)));
    await refused(get(`/ops/safety-gate/decisions/${ticket(other).ticketId}/replay`));
  },
  "GET /ops/safety-gate/audit/verify": async ({ own, desk, me }) => {
    const { body } = await own(get("/ops/safety-gate/audit/verify"));
    const [kept] = await desk.database.query<{ n: number }>(
      sql`select count(*) as n from safety_gate.audit_events where tenant = ${me.tenant}`,
    );
    if (body.verified !== true || body.rows === 0 || body.rows !== kept?.n) throw new Error(JSON.stringify(body));
  },
});
