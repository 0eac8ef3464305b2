import { micros } from "../profiling.ts";
import { Driver, type Hooks, type Load, type Measured } from "./driver.ts";
import type { Window } from "../kinds-of-work.ts";
import type { Ticket } from "./system.ts";
import { SYSTEMS } from "./systems.ts";
import { aTicket } from "./tickets.ts";

/** What the parent asks of this process, as its one argument. */
export interface ChildTask {
  readonly system: string;
  readonly databaseUrl: string;
  readonly brokers: readonly string[];
  readonly addresses: Readonly<Record<string, string>>;
  readonly load: Load;
  readonly warmUpSeconds: number;
  /** The number of the first ticket. */
  readonly first: number;
}

/** The parent looks at the servers when it is told, and answers. */
export type ChildMessage =
  | { readonly kind: "begin" | "end" }
  /** So many submissions were durable. */
  | { readonly kind: "acknowledged"; readonly tickets: number }
  | {
      readonly kind: "measured";
      readonly measured: Measured;
      readonly cpuMs: number;
      /** When that was, by the clock of a profile. */
      readonly window: Window;
      readonly rssPeakMb: number;
      readonly next: number;
    };

const task = JSON.parse(process.argv[2] ?? "") as ChildTask;
const system = SYSTEMS[task.system];
if (system === undefined) throw new TypeError(`no system ${task.system}`);

const told = (message: ChildMessage): Promise<void> =>
  new Promise((resolve) => {
    process.once("message", () => resolve());
    process.send?.(message);
  });
let before = process.cpuUsage();
let spent = { user: 0, system: 0 };
let window = { from: 0, to: 0 };
const hooks: Hooks = {
  async begin() {
    await told({ kind: "begin" });
    before = process.cpuUsage();
    window = { from: micros(), to: 0 };
  },
  async end() {
    spent = process.cpuUsage(before);
    window = { ...window, to: micros() };
    await told({ kind: "end" });
  },
};

const driver = new Driver(aTicket, task.first);
const opened = await system.open({ ...task, onDone: (id) => driver.done(id) });
let acknowledged = 0;
const pipeline = {
  ...opened,
  async submit(tickets: readonly Ticket[]) {
    await opened.submit(tickets);
    acknowledged += tickets.length;
    process.send?.({ kind: "acknowledged", tickets: acknowledged } satisfies ChildMessage);
  },
};
const { load } = task;
if (load.kind !== "backlog") await pipeline.run();
const measured = await driver.measure(pipeline, load, task.warmUpSeconds, hooks);
await pipeline.stop();
process.send?.(
  {
    kind: "measured",
    measured,
    window,
    cpuMs: (spent.user + spent.system) / 1_000,
    rssPeakMb: process.resourceUsage().maxRSS / 1_024,
    next: driver.next,
  } satisfies ChildMessage,
  () => process.exit(0),
);
