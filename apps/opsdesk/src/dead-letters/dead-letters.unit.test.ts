import { describe, expect, it } from "@jest/globals";
import { type Client, DeskRefusal } from "../client/client.ts";
import { findDeadLetter, listDeadLetters, replaceDeadLetter, retryDeadLetter } from "./dead-letters.ts";

/** A desk that answers some paths and knows nothing of the others. */
function deskWith(answers: Readonly<Record<string, unknown>>) {
  const sent: unknown[] = [];
  const get = (path: string) =>
    path in answers
      ? Promise.resolve(answers[path])
      : Promise.reject(new DeskRefusal(404, { code: "route_not_found" }));
  const send = (...request: readonly unknown[]) => {
    sent.push(request);
    return Promise.resolve({ status: "done" });
  };
  return { sent, desk: { get, send } as unknown as Client };
}

const QUERY = { service: undefined, status: "open", code: undefined, limit: 2 };
const listOf = (service: string) => `/ops/${service}/dead-letters?status=open&limit=2`;

describe("dead letters", () => {
  it("are listed over all services, newest first, and who could not be asked is named", async () => {
    const { desk } = deskWith({
      [listOf("ingest")]: {
        items: [
          { id: "a", createdAt: "2026-01-01" },
          { id: "b", createdAt: "2026-01-03" },
        ],
      },
      [listOf("webhook")]: { items: [{ id: "c", createdAt: "2026-01-02" }] },
    });
    expect(await listDeadLetters(desk, QUERY)).toEqual({
      items: [
        { service: "ingest", id: "b", createdAt: "2026-01-03" },
        { service: "webhook", id: "c", createdAt: "2026-01-02" },
      ],
      notAsked: ["triage", "retrieval", "safety-gate", "evaluation", "console", "analytics"],
    });
    await expect(listDeadLetters(desk, { ...QUERY, service: "triage" })).rejects.toMatchObject({
      code: "route_not_found",
    });
  });

  it("are retried and replaced at the service that holds them", async () => {
    const { desk, sent } = deskWith({ "/ops/webhook/dead-letters/x%2F1": { id: "x/1" } });
    const letter = await findDeadLetter(desk, "x/1", undefined);
    await retryDeadLetter(desk, letter);
    await replaceDeadLetter(desk, letter, { id: "1" });
    expect(sent).toEqual([
      ["POST", "/ops/webhook/dead-letters/x%2F1/retry", undefined],
      ["POST", "/ops/webhook/dead-letters/x%2F1/replace", { event: { id: "1" } }],
    ]);
    await expect(findDeadLetter(desk, "y", undefined)).rejects.toMatchObject({ code: "dead_letter_unknown" });
  });
});
