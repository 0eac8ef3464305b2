import { checkProduced } from "@opsdesk/schemas";
import { NOW, aBook, aBooked, aDelivery } from "./endpoint.fixture.ts";
import { afterRows } from "./endpoint-book.ts";
import { type CommandContext, type EndpointCommand, commandEndpoint } from "./endpoint-command.ts";
import { secretName, syncEndpoints } from "./sync-endpoints.ts";

const declared = {
  name: "crm",
  url: "https://crm.example.com/new",
  ownerId: "priya",
  contact: "a@b.example",
  events: ["reply.sent"],
};
const secret = { secretId: "sec_env", sealed: "sealed" };
const secrets = new Map([["IT_HELPDESK__CRM", secret]]);
const context: CommandContext = {
  id: "cmd_1",
  tenant: "it-helpdesk",
  time: NOW,
  correlationId: "c",
  now: NOW,
  urlRefusal: (url) => (url.includes("bad") ? "bad" : undefined),
};
const command = (given: EndpointCommand, book = aBook(aBooked())) => commandEndpoint(given, book, context);

describe("syncEndpoints", () => {
  const sync = (book = aBook(), list = [declared], given: typeof secrets = secrets) =>
    syncEndpoints("it-helpdesk", list, book, given, NOW);

  it("makes a declared endpoint, enabled by the secret that the operator gave", () => {
    const { rows, events } = sync();
    expect(rows.endpoints).toMatchObject([
      { loaded: null, endpoint: { name: "crm", status: "enabled", disabledReason: null, origin: "desk", sequence: 0 } },
    ]);
    expect(rows.secrets).toMatchObject([{ secretId: "sec_env", endpointId: rows.endpoints[0]?.endpoint.endpointId }]);
    expect(events).toEqual([]);
  });

  it("makes it disabled when there is no secret, says so once, and enables it when there is one", () => {
    const first = sync(aBook(), [declared], new Map());
    expect(first.rows.endpoints[0]?.endpoint).toMatchObject({
      status: "disabled",
      disabledReason: "secret_missing",
      disabledDetail: expect.stringContaining("OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM"),
    });
    expect(first.events).toHaveLength(1);
    for (const { type, data } of first.events) expect(checkProduced(type, data)).toEqual([]);
    const book = afterRows(aBook(), first.rows);
    expect(sync(book, [declared], new Map()).events).toEqual([]);
    expect(sync(book).rows.endpoints[0]?.endpoint).toMatchObject({ status: "enabled", disabledReason: null });
  });

  it("leaves an operator's decision and a rule's alone", () => {
    for (const disabledReason of ["operator", "gone", "failing"] as const)
      expect(sync(aBook(aBooked({ status: "disabled", disabledReason }))).rows.endpoints[0]?.endpoint).toMatchObject({
        status: "disabled",
        disabledReason,
        url: declared.url,
      });
  });

  it("rotates when the operator gave another secret, but never brings back one that has ended", () => {
    expect(sync(aBook(aBooked())).rows).toMatchObject({
      secrets: [{ secretId: "sec_env" }],
      expiring: [{ secretId: "sec_1", expiresAt: "2026-11-23T10:00:00.000Z" }],
    });
    const ended = aBooked({}, [
      { secretId: "sec_new", expiresAt: null },
      { secretId: "sec_env", expiresAt: "2026-11-01T00:00:00.000Z" },
    ]);
    expect(sync(aBook(ended)).rows.secrets).toEqual([]);
  });

  it("deletes what is no longer declared, but nothing that was made by HTTP", () => {
    const book = aBook(aBooked(), aBooked({ endpointId: "whe_2", name: "mine", origin: "http" }));
    expect(sync(book, []).rows.endpoints.map(({ endpoint }) => [endpoint.name, endpoint.status])).toEqual([
      ["crm", "deleted"],
    ]);
  });

  it("names the variable of an endpoint by its business and its name, so that no two businesses share one", () => {
    expect(secretName("north-gate", "crm-eu.2")).toBe("NORTH_GATE__CRM_EU_2");
    const names = [
      secretName("a", "b--c"),
      secretName("a--b", "c"),
      secretName("a", "-b"),
      secretName("a-", "b"),
      secretName("a", "b__c"),
    ];
    expect(new Set(names)).toEqual(new Set(["A__B_C", "A__B__C", "A__B", "A___B"]));
    expect(secretName("b", "crm")).not.toBe(secretName("a", "crm"));
  });

  it("gives an endpoint of the same name in another business nothing", () => {
    const { rows } = syncEndpoints("other-business", [declared], aBook(), secrets, NOW);
    expect(rows.secrets).toEqual([]);
    expect(rows.endpoints[0]?.endpoint).toMatchObject({ status: "disabled", disabledReason: "secret_missing" });
  });
});

describe("commandEndpoint", () => {
  const fields = {
    name: "erp",
    url: "https://erp.example.com/",
    ownerId: "priya",
    contact: "x",
    teamId: null,
    events: ["*"],
  };

  it("creates an endpoint with an id that follows from the command", () => {
    const [one, two] = [command({ do: "create", secret, ...fields }), command({ do: "create", secret, ...fields })];
    expect(one).toMatchObject({
      ok: true,
      rows: { endpoints: [{ endpoint: { status: "enabled", origin: "http" } }], secrets: [{ secretId: "sec_env" }] },
    });
    expect(one).toEqual(two);
  });

  it.each([
    [{ name: "crm" }, "endpoint_exists"],
    [{ ownerId: "nobody" }, "owner_unknown"],
    [{ teamId: "none" }, "team_unknown"],
    [{ url: "https://bad.example/" }, "endpoint_url_refused"],
    [{ events: ["ticket.created"] }, "arguments_invalid"],
  ])("refuses to create with %j: %s", (change, code) => {
    expect(command({ do: "create", secret, ...fields, ...change })).toMatchObject({ ok: false, code });
  });

  it("enables only with a secret, and forgets why it was disabled", () => {
    const disabled = { status: "disabled", disabledReason: "failing", failingSince: NOW } as const;
    expect(command({ do: "update", endpointId: "whe_1", status: "enabled" }, aBook(aBooked(disabled)))).toMatchObject({
      rows: { endpoints: [{ endpoint: { status: "enabled", disabledReason: null, failingSince: null, version: 3 } }] },
    });
    expect(
      command({ do: "update", endpointId: "whe_1", status: "enabled" }, aBook(aBooked(disabled, []))),
    ).toMatchObject({ code: "endpoint_secret_missing" });
  });

  it("says who was disabled by an operator, once", () => {
    const stop = { do: "update", endpointId: "whe_1", status: "disabled" } as const;
    expect(command(stop)).toMatchObject({
      events: [{ type: "webhook.endpoint_disabled", data: { reason: "operator" } }],
    });
    expect(command(stop, aBook(aBooked({ status: "disabled", disabledReason: "operator" })))).toMatchObject({
      ok: true,
      events: [],
    });
  });

  it("lets the old secret sign along for the overlap, and starts what only lacked one", () => {
    const rotate = { do: "rotate_secret", endpointId: "whe_1", secret, overlapSeconds: 60 } as const;
    expect(command(rotate)).toMatchObject({
      rows: { expiring: [{ secretId: "sec_1", expiresAt: "2026-11-22T10:01:00.000Z" }] },
      reply: { overlapEndsAt: "2026-11-22T10:01:00.000Z" },
    });
    expect(command(rotate, aBook(aBooked({ status: "disabled", disabledReason: "secret_missing" }, [])))).toMatchObject(
      { rows: { endpoints: [{ endpoint: { status: "enabled" } }] } },
    );
  });

  it("repeats finished deliveries alone, with the same id and body", () => {
    const chosen = new Map([
      [
        "cmd_1",
        [
          aDelivery({ state: "delivered", attempts: 3, tries: 3, version: 5 }),
          aDelivery({ deliveryId: "dlv_2", state: "due" }),
        ],
      ],
    ]);
    const result = command({ do: "replay", endpointId: "whe_1" }, { ...aBook(aBooked()), chosen });
    expect(result).toMatchObject({
      reply: { replayed: 1, deliveryIds: ["dlv_1"] },
      rows: { replayed: [{ state: "due", tries: 0, attempts: 3, loadedVersion: 5 }] },
      jobs: [{ data: { deliveryId: "dlv_1", attempt: 4 } }],
    });
    expect(command({ do: "replay", deliveryId: "dlv_9" })).toMatchObject({ code: "delivery_not_found" });
    expect(command({ do: "replay", endpointId: "whe_1" }, aBook(aBooked({ status: "disabled" })))).toMatchObject({
      code: "endpoint_not_enabled",
    });
  });

  it("knows no endpoint that was deleted", () => {
    for (const given of [{ do: "test" }, { do: "delete" }, { do: "update", name: "x" }] as const)
      expect(command({ ...given, endpointId: "whe_1" }, aBook(aBooked({ status: "deleted" })))).toMatchObject({
        code: "endpoint_not_found",
      });
  });
});
