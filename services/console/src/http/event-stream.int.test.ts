import type { AddressInfo } from "node:net";
import { type Harness, startHarness } from "@opsdesk/service/testing";
import { KEY, KEYS, OTHER_KEY, OTHER_KEYS, aDesk } from "../testing/desk.ts";
import { LIFE, type Said, TENANT, envelopeOf } from "../testing/life.ts";
import { consoleService } from "../wiring.ts";

let desk: Harness;
let url: string;
const configured = (tenant: string, apiKeys: typeof KEYS) => ({
  type: "desk.configured" as const,
  tenant,
  data: { version: 1, contentHash: "0".repeat(64), desk: aDesk(apiKeys) },
});
beforeAll(async () => {
  desk = await startHarness(consoleService, { environment: { OPSDESK_STREAMS_MAX: "2" } });
  await desk.given(configured(TENANT, KEYS), configured("other", OTHER_KEYS));
  await desk.app.listen({ port: 0, host: "127.0.0.1" });
  url = `http://127.0.0.1:${(desk.app.server.address() as AddressInfo).port}`;
}, 60_000);

const given = (said: readonly Said[], tenant = TENANT) =>
  desk.given(...said.map((one) => ({ type: one.type, data: one.data, tenant, id: envelopeOf(one, tenant).id })));

interface Frame {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly id: string; readonly tenantid: string };
}

/** A stream's frames as they come; `next` waits for one. */
async function listen(query: string, headers: Record<string, string> = {}) {
  const gone = new AbortController();
  const response = await fetch(`${url}/v1/events/stream${query}`, {
    headers: { authorization: `Bearer ${KEY}`, ...headers },
    signal: gone.signal,
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const next = async (): Promise<Frame | undefined> => {
    for (;;) {
      const [, id, event, data] = /id: (\d+)\nevent: (.*)\ndata: (.*)\n\n/.exec(text) ?? [];
      if (id !== undefined) {
        text = text.slice(text.indexOf("\n\n", text.indexOf("\ndata: ")) + 2);
        return { id: Number(id), event: event ?? "", data: JSON.parse(data ?? "") as Frame["data"] };
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  const take = async (count: number): Promise<readonly Frame[]> => {
    const frames: Frame[] = [];
    while (frames.length < count) {
      const frame = await next();
      if (frame === undefined) break;
      frames.push(frame);
    }
    return frames;
  };
  return { response, next, take, leave: () => gone.abort() };
}

describe("the live stream", () => {
  it("tells what happens from now on, of this business alone", async () => {
    const stream = await listen("");
    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    await given(LIFE.slice(0, 2), "other");
    await given(LIFE.slice(0, 2));
    const frames = await stream.take(2);
    expect(frames.map(({ event }) => event).toSorted()).toEqual(["enquiry.accepted", "ticket.created"]);
    expect(frames.every(({ data }) => data.tenantid === TENANT)).toBe(true);
    stream.leave();
  });

  it("goes on behind the last event that a reader has seen, without a gap or a repetition", async () => {
    await given(LIFE.slice(2));
    const first = await listen("?after=0");
    const begun = await first.take(5);
    first.leave();
    const resumed = await listen("", { "last-event-id": String(begun.at(-1)?.id) });
    const rest = await resumed.take(LIFE.length + 1 - 5);
    resumed.leave();
    const ids = [...begun, ...rest].map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set([...begun, ...rest].map(({ data }) => data.id)).size).toBe(LIFE.length + 1);
  });

  it("tells only the types that were asked for", async () => {
    const stream = await listen("?after=0&type=contact.logged,reply.sent");
    expect((await stream.take(2)).map(({ event }) => event).toSorted()).toEqual(["contact.logged", "reply.sent"]);
    stream.leave();
  });

  it("refuses a resume point that is none, and more streams than it may hold", async () => {
    const wrong = await fetch(`${url}/v1/events/stream`, {
      headers: { authorization: `Bearer ${KEY}`, "last-event-id": "abc" },
    });
    expect([wrong.status, ((await wrong.json()) as { code: string }).code]).toEqual([400, "request_invalid"]);
    const [one, two] = [await listen(""), await listen("", { authorization: `Bearer ${OTHER_KEY}` })];
    const third = await fetch(`${url}/v1/events/stream`, { headers: { authorization: `Bearer ${KEY}` } });
    expect([third.status, ((await third.json()) as { code: string }).code]).toEqual([503, "stream_refused"]);
    one.leave();
    two.leave();
  });

  it("ends when the service stops, and does not keep it from stopping", async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const stream = await listen("");
    const ended = stream.next();
    await desk.stop();
    expect(await ended).toBeUndefined();
  });
});
