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
