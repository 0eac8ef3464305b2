import type { Read } from "@opsdesk/database";
import { TransientError } from "@opsdesk/errors";
import { topicsOfService } from "@opsdesk/schemas";
import { expectMigrated, expectTopics } from "./expectations.ts";
import { migrationsOf } from "./host.ts";
import { createLog } from "./log.ts";

const log = createLog("silent");
const away = new TransientError("bus_unavailable", "the broker did not answer");

/** Answers one after the other; an error is thrown. */
const inTurn = <T>(...answers: (T | Error)[]): (() => Promise<T>) => {
  return () => {
    const next = answers.shift();
    if (next === undefined) throw new Error("asked too often");
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
};

describe("the topics of a service", () => {
  const lacking = (...names: readonly string[]) => ({
    missing: (topics: readonly string[]) => Promise.resolve(topics.filter((topic) => names.includes(topic))),
  });

  it("are all there", async () => {
    await expectTopics(lacking("context.retrieved.v1.acme"), { name: "ingest" }, ["acme"], log);
  });

  it("name what it could not write, and what to do", async () => {
    const tried = expectTopics(
      lacking("enquiry.accepted.v1.acme", "context.retrieved.v1"),
      { name: "ingest" },
      ["acme"],
      log,
    );
    await expect(tried).rejects.toMatchObject({
      code: "topics_missing",
      publicMessage: expect.stringContaining("lacks enquiry.accepted.v1.acme, or"),
    });
    await expect(tried).rejects.toMatchObject({ publicMessage: expect.stringContaining("opsdesk topics apply") });
  });

  it("name what it could not read", async () => {
    await expect(expectTopics(lacking("enquiry.submitted.v1"), { name: "ingest" }, [], log)).rejects.toMatchObject({
      code: "topics_missing",
    });
  });

  it("are asked for again while no broker answers", async () => {
    const missing = inTurn<readonly string[]>(away, []);
    await expectTopics({ missing }, { name: "ingest" }, [], log);
    const gone = inTurn<readonly string[]>(away, [...topicsOfService("ingest", [])]);
    await expect(expectTopics({ missing: gone }, { name: "ingest" }, [], log)).rejects.toMatchObject({
      code: "topics_missing",
    });
  });
});

describe("the slice of a service", () => {
  const slice = {
    name: "console" as const,
    schema: "console",
    migrations: new URL("../fixture/migrations/", import.meta.url),
  };
  // What a test answers is what it says that it asks for.
  const answering = (query: () => Promise<unknown>): Read => ({ query: async <Row>() => (await query()) as Row[] });
  const rows = async (without: number) =>
    (await migrationsOf(slice)).slice(0, -without || undefined).map(({ name }) => ({ name }));

  it("is migrated", async () => {
    await expectMigrated(answering(inTurn<unknown>(away, await rows(0))), slice, log);
  });

  it("names what was not applied", async () => {
    await expect(expectMigrated(answering(inTurn<unknown>(await rows(1))), slice, log)).rejects.toMatchObject({
      code: "not_migrated",
      publicMessage: expect.stringContaining("0001_counts not applied"),
    });
  });

  it("is not there", async () => {
    const none = answering(inTurn<unknown>(new Error('relation "console.migrations" does not exist')));
    await expect(expectMigrated(none, slice, log)).rejects.toMatchObject({ code: "not_migrated" });
  });
});
