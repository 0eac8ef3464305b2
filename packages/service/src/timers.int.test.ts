import { setTimeout as sleep } from "node:timers/promises";
import { counter } from "../fixture/counter.ts";
import { service } from "./definition.ts";
import { startHarness } from "./testing.ts";

it("lets work by the clock end before the service stops, and begins none after", async () => {
  const turns: string[] = [];
  const sweep = async (): Promise<void> => {
    turns.push("begun");
    await sleep(300);
    turns.push("ended");
  };
  const timers = [{ name: "sweep", everySeconds: 0.05, run: sweep }];
  const desk = await startHarness(service({ ...counter(), wire: () => ({ handlers: {}, timers }) }));
  while (turns.length === 0) await sleep(5);
  await desk.stop();
  expect(turns.slice(-2)).toEqual(["begun", "ended"]);
  const after = turns.length;
  await sleep(200);
  expect(turns).toHaveLength(after);
}, 60_000);

it("does not wait for a broker that takes long to say how far behind the service is", async () => {
  const asked = Promise.withResolvers<void>();
  const desk = await startHarness(counter(), {
    between: (bus) => ({
      ...bus,
      lag: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    }),
  });
  await asked.promise;
  await desk.stop();
}, 30_000);
