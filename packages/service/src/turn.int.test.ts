import { setTimeout as sleep } from "node:timers/promises";
import { handler, ignore } from "@opsdesk/messaging";
import { validExamples } from "@opsdesk/schemas/examples";
import { aMessage, counter } from "../fixture/counter.ts";
import { service } from "./definition.ts";
import { startHarness } from "./testing.ts";

/** The most batches that were between loading and deciding at one moment, of two topics. */
async function mostAtOnce(turn: string | undefined): Promise<number> {
  let now = 0;
  let most = 0;
  let handled = 0;
  const reading = <T extends "ticket.message_added" | "knowledge.source_retired">(type: T) =>
    handler(type, {
      load: async () => {
        most = Math.max(most, (now += 1));
        await sleep(300);
        now -= 1;
      },
      decide: () => {
        handled += 1;
        return ignore("only counted");
      },
      ...(turn === undefined ? {} : { turn }),
    });
  const handlers = {
    "on-message": reading("ticket.message_added"),
    "on-retired": reading("knowledge.source_retired"),
  };
  const desk = await startHarness(service({ ...counter(), wire: () => ({ handlers }) }));
  try {
    const type = "knowledge.source_retired" as const;
    await desk.given(aMessage("tkt_1", "hello"), { type, data: validExamples(type)[0]?.event.data, key: "source" });
    await desk.settle();
    expect(handled).toBe(2);
    return most;
  } finally {
    await desk.stop();
  }
}

it("lets handlers that name a turn go one after another, and all others at once", async () => {
  expect(await mostAtOnce(undefined)).toBe(2);
  expect(await mostAtOnce("the counter")).toBe(1);
}, 60_000);
