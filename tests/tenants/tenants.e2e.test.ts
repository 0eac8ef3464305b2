import { contractOfTopic, topicCatalogue } from "@opsdesk/schemas";
import { type InProcessDesk, startInProcess } from "../desk/in-process.ts";
import { type Table, routesOf, tablesOf } from "../desk/ports.ts";
import { type Answer, type Asking, type Probe, type Request, exampleFor, probes } from "./probes.ts";
import { type Side, fingerprintOf, generatedIds, makeSide, recordsOf, rowsOf } from "./sides.ts";

/** Tables without a tenant, and why none is needed. Any other one fails. */
const WITHOUT_TENANT = [
  /^bus\.(group_offsets|partitions|migrations)$/, // places in the log
  /^bus\.records$/, // each record names its own; looked into topic by topic
  /\.migrations$/,
  /\.inbox_(floors|marks)$/, // places in the log, of all tenants together
  /\.recoveries$/, // from when a restored slice is made up for; of all tenants together
  /\.outbox$/, // records on their way to the log; empty where the log is in the same database
  /^console\.projection_generations$/,
  /_jobs\./, // the queue library's own; jobs name their tenant and are looked into below
];
/** What waits is empty when nothing waits. */
const MAY_BE_EMPTY = [/\.deferred_events$/];

let desk: InProcessDesk;
let a: Side;
let b: Side;
let routes: readonly string[];
let tables: readonly Table[];
let withTenant: readonly string[];
/** What each business had when both had done the same. */
let idsOf: ReadonlyMap<Side, ReadonlySet<string>>;
let still: readonly string[] = [];
const figures = {
  routes: 0,
  requests: 0,
  topics: 0,
  records: 0,
  tables: 0,
  rows: 0,
  jobs: 0,
  webhooks: 0,
  citations: 0,
  crossings: 0,
};
const crossing = (what: string): never => {
  figures.crossings += 1;
  throw new Error(`crossing: ${what}`);
};

beforeAll(async () => {
  desk = await startInProcess(["business-a", "business-b"]);
  const [first, second] = desk.receivers;
  if (first === undefined || second === undefined) throw new Error("two receivers are needed");
  [a, b] = await Promise.all([
    makeSide(desk, "business-a", "Kestrel", first),
    makeSide(desk, "business-b", "Osprey", second),
  ]);
  await desk.idle();
  routes = routesOf(desk.running.app);
  tables = await tablesOf(desk.database);
  withTenant = tables.filter((table) => table.hasTenant).map((table) => table.name);
  // An attempt of its own that was scheduled may fall due at any time; whose deliveries are whose is asked above.
  still = withTenant.filter((name) => !name.startsWith("webhook."));
}, 120_000);

afterAll(async () => {
  await desk.stop();
  process.stderr.write(`tenants: ${JSON.stringify(figures)}\n`);
}, 30_000);

const sides = (): readonly (readonly [Side, Side])[] => [
  [a, b],
  [b, a],
];

describe("two businesses with the same external ids, texts and names", () => {
  it("share no row of any table that has a tenant", async () => {
    const unexpected = tables.filter(
      (table) => !table.hasTenant && !WITHOUT_TENANT.some((pattern) => pattern.test(table.name)),
    );
    expect(unexpected.map((table) => table.name)).toEqual([]);
    const all = new Map<Side, Set<string>>([
      [a, new Set()],
      [b, new Set()],
    ]);
    idsOf = all;
    for (const table of withTenant) {
      for (const [me, other] of sides()) {
        const rows = await rowsOf(desk, table, me);
        if (rows.length === 0 && !MAY_BE_EMPTY.some((pattern) => pattern.test(table)))
          throw new Error(`${me.tenant} has left nothing in ${table}: make it do what fills it`);
        figures.rows += rows.length;
        for (const row of rows) {
          if (row.includes(other.marker)) crossing(`${table} of ${me.tenant}: ${row.slice(0, 300)}`);
          for (const id of generatedIds(row)) all.get(me)?.add(id);
        }
      }
      figures.tables += 1;
      expect(
        await desk.database.execute(`select count(*)::int as n from ${table} where tenant <> all($1)`, [
          ["business-a", "business-a~eval", "business-b", "business-b~eval"],
        ]),
      ).toMatchObject({ rows: [{ n: 0 }] });
    }
    const shared = [...(all.get(a) ?? [])].filter((id) => all.get(b)?.has(id));
    if (shared.length > 0) crossing(`ids that both have: ${shared.slice(0, 10).join(", ")} (${String(shared.length)})`);
    expect(Math.min(all.get(a)?.size ?? 0, all.get(b)?.size ?? 0)).toBeGreaterThan(100);
  });

  it("share no job of any queue", async () => {
    for (const table of tables.filter(({ name }) => name.endsWith("_jobs.job"))) {
      const { rows } = await desk.database.execute(
        `select data::text as row, data -> 'data' ->> 'tenant' as tenant from ${table.name} where name not like '\\_\\_%' and data -> 'data' ->> 'tenant' is not null`,
      );
      for (const { row, tenant } of rows as { row: string; tenant: string }[]) {
        const [, other] = tenant.startsWith(a.tenant) ? [a, b] : [b, a];
        if (row.includes(other.marker) || [...generatedIds(row)].some((id) => idsOf.get(other)?.has(id)))
          crossing(`${table.name} of ${tenant}: ${row.slice(0, 300)}`);
        figures.jobs += 1;
      }
    }
    expect(figures.jobs).toBeGreaterThan(0);
  });

  it.each(topicCatalogue.map((topic) => [topic.name]))("share nothing on %s", async (topic) => {
    for (const [me, other] of sides()) {
      const records = await recordsOf(desk, topic, me);
      expect(records.length).toBeGreaterThan(0);
      for (const record of records) {
        if (record.includes(other.marker) || [...generatedIds(record)].some((id) => idsOf.get(other)?.has(id)))
          crossing(`${topic} of ${me.tenant}: ${record.slice(0, 300)}`);
        figures.records += 1;
      }
    }
    figures.topics += 1;
  });

  it("cite their own chunks alone", async () => {
    for (const [me, other] of sides()) {
      const chunks = new Set(
        (await rowsOf(desk, "retrieval.knowledge_chunks", me)).map(
          (row) => (JSON.parse(row) as { chunk_id: string }).chunk_id,
        ),
      );
      const theirs = new Set(
        (await rowsOf(desk, "retrieval.knowledge_chunks", other)).map(
          (row) => (JSON.parse(row) as { chunk_id: string }).chunk_id,
        ),
      );
      let cited = 0;
      for (const type of ["context.retrieved.v1", "ai.draft.proposed.v1", "ai.draft.review_required.v1"])
        for (const record of await recordsOf(desk, type, me))
          for (const [, chunk] of record.matchAll(/"chunkId":"([^"]+)"/g)) {
            cited += 1;
            if (chunk === undefined || theirs.has(chunk) || !chunks.has(chunk))
              crossing(`${type} of ${me.tenant} cites ${String(chunk)}`);
          }
      expect(cited).toBeGreaterThan(0);
      figures.citations += cited;
    }
  });

  it("receive their own webhooks alone", () => {
    for (const [me, other] of sides()) {
      expect(me.receiver.received().length).toBeGreaterThan(0);
      for (const { body, id } of me.receiver.received()) {
        if (body.includes(other.marker) || [id, ...generatedIds(body)].some((one) => idsOf.get(other)?.has(one)))
          crossing(`a webhook to ${me.tenant}: ${body.slice(0, 300)}`);
        figures.webhooks += 1;
      }
    }
  });

  it("are asked about every route that there is", () => {
    expect(Object.keys(probes(desk.running.hosted.map((one) => one.name))).toSorted()).toEqual(routes);
  });

  it("answer on every route for their owner and give the other nothing", async () => {
    const failures: string[] = [];
    for (const [me, other] of sides()) {
      await desk.idle();
      const before = await fingerprintOf(desk, still, other);
      const told = new Set<string>();
      for (const [route, probe] of inOrder(probes(desk.running.hosted.map((one) => one.name)))) {
        const asking = asks(me, other, told);
        await probe(asking).catch(
          (error: unknown) =>
            void failures.push(`${route} as ${me.tenant}: ${error instanceof Error ? error.message : String(error)}`),
        );
        if (asking.asked === 0) failures.push(`${route} as ${me.tenant}: the owner was never asked`);
        figures.routes += 1;
      }
      await desk.idle();
      failures.push(
        ...differences(before, await fingerprintOf(desk, still, other)).map(
          (table) => `what ${me.tenant} did changed ${table} of ${other.tenant}`,
        ),
      );
    }
    figures.crossings += failures.length;
    expect(failures).toEqual([]);
  }, 120_000);

  it("are untouched by an event of the other that names what is theirs, on every topic", async () => {
    const failures: string[] = [];
    const forged = [];
    for (const topic of topicCatalogue) {
      // Its own event is taken by whoever listens; the same, sent by the other, leaves it as it is.
      if (topic.consumers.length > 0 && (await consumersOf(topic.name, b)) === 0)
        failures.push(`${topic.name}: nobody has taken an event of ${b.tenant}`);
      const theirs =
        (await recordsOf(desk, topic.name, b))
          .map((value) => JSON.parse(value) as Record<string, unknown>)
          .find((event) => event["specversion"] === "1.0") ?? exampleFor(topic.name, b.tenant);
      forged.push({
        topic: topic.name,
        key: null,
        headers: {},
        value: JSON.stringify({ ...theirs, id: `forged-${topic.name}`, source: "/forger", tenantid: a.tenant }),
      });
    }
    const before = await fingerprintOf(desk, still, b);
    await desk.bus.send(forged);
    await desk.idle();
    failures.push(
      ...differences(before, await fingerprintOf(desk, still, b)).map(
        (table) => `an event of ${a.tenant} changed ${table} of ${b.tenant}`,
      ),
    );
    figures.crossings += failures.length;
    expect(failures).toEqual([]);
  }, 60_000);
});

/** Reads come first: a write that names what is the other's leaves the name in one's own rows. */
const inOrder = (all: Readonly<Record<string, Probe>>): readonly (readonly [string, Probe])[] =>
  Object.entries(all).toSorted(([one], [two]) => Number(!one.startsWith("GET")) - Number(!two.startsWith("GET")));

const differences = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] =>
  [...before].filter(([table, print]) => after.get(table) !== print).map(([table]) => table);

/** How many consumers have something of a business from a topic in their inbox. */
async function consumersOf(topic: string, side: Side): Promise<number> {
  const type = contractOfTopic(topic)?.type ?? "";
  const ids = (await recordsOf(desk, topic, side)).map((value) => (JSON.parse(value) as { id: string }).id);
  let consumers = 0;
  for (const table of withTenant.filter((name) => name.endsWith(".inbox"))) {
    const { rows } = await desk.database.execute(
      `select count(distinct consumer)::int as n from ${table} where tenant = $1 and (event_id = any($2) or event_id like $3)`,
      [side.tenant, ids, `${topic}/%`],
    );
    consumers += (rows as { n: number }[])[0]?.n ?? 0;
  }
  // What an HTTP route offers to its own service never travels; who listens to it is asked all the same.
  return type === "" ? 0 : consumers;
}

function asks(me: Side, other: Side, told: Set<string>): Asking & { readonly asked: number } {
  let asked = 0;
  const send = async ({ method, path, body, headers }: Request): Promise<Answer> => {
    figures.requests += 1;
    const raw = typeof body === "string";
    const response = await fetch(new URL(path, desk.url), {
      method,
      headers: {
        authorization: `Bearer ${me.key}`,
        ...(body === undefined || raw ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    // What was asked for may be named in the refusal of it.
    const named = generatedIds(`${path} ${JSON.stringify(body) ?? ""}`);
    if (method !== "GET") for (const id of named) told.add(id);
    const leaked = [...generatedIds(text)].filter(
      (id) => idsOf.get(other)?.has(id) === true && !named.has(id) && !told.has(id),
    );
    if (
      leaked.length > 0 ||
      (text.includes(other.marker) && !`${path}${JSON.stringify(body) ?? ""}`.includes(other.marker))
    )
      crossing(`${method} ${path} tells ${me.tenant} ${leaked.join(", ")}: ${text.slice(0, 300)}`);
    return { status: response.status, text, body: parsed };
  };
  const expectStatus = (answer: Answer, status: number, request: Request): Answer => {
    if (answer.status !== status)
      throw new Error(
        `${request.method} ${request.path} answered ${String(answer.status)} for ${String(status)}: ${answer.text.slice(0, 300)}`,
      );
    return answer;
  };
  return {
    desk,
    me,
    other,
    get asked() {
      return asked;
    },
    async own(request, status = 200) {
      asked += 1;
      return expectStatus(await send(request), status, request);
    },
    refused: async (request, status = 404) => expectStatus(await send(request), status, request),
    apart: async (request, status = 200) => expectStatus(await send(request), status, request),
    async impersonal(request, status = 200) {
      asked += 1;
      const answer = expectStatus(await send(request), status, request);
      if (
        [a, b].some(
          (side) =>
            answer.text.includes(side.marker) ||
            answer.text.includes(side.tenant) ||
            [...generatedIds(answer.text)].some((id) => idsOf.get(side)?.has(id)),
        )
      )
        crossing(`${request.path} names a business`);
      return answer;
    },
  };
}
