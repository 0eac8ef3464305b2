import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@opsdesk/servers";
import { kindsOfWork, parted } from "../kinds-of-work.ts";
import { Driver } from "../pipeline/driver.ts";
import { micros, profilesOf } from "../profiling.ts";
import { type DeskUnderTest, benchTickets, loadOf, pipelineOf } from "./bench.ts";

/** Milliseconds of CPU a ticket, by process and by kind of work. */
export type KindsOfWork = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A run of its own: profiling costs some of what it shows, so its figures are parted but not compared. */
export async function profileDesk(
  { lane, open }: Pick<DeskUnderTest, "lane" | "open">,
  { tickets, say }: { readonly tickets: number; readonly say: (line: string) => void },
): Promise<KindsOfWork> {
  const folder = temporaryFolder();
  const profiles = join(folder, "profiles");
  mkdirSync(profiles);
  const driver = new Driver(await benchTickets(), 1);
  const desk = await open({ folder, say, onDone: (id) => driver.done(id), profileTo: profiles });
  let stopped = false;
  try {
    await desk.rest();
    const from = { at: micros(), cpu: desk.cpuMs() };
    const nothing = () => Promise.resolve();
    await driver.measure(pipelineOf(desk), loadOf(tickets), 0, { begin: nothing, end: nothing });
    await desk.rest();
    const to = { at: micros(), cpu: desk.cpuMs() };
    const pids = desk.pids();
    await desk.stop();
    stopped = true;
    say(`${lane}: profiled ${tickets} tickets.`);
    return Object.fromEntries(
      Object.entries(pids).flatMap(([name, pid]) => {
        const threads = profilesOf(profiles, pid).map((profile) => kindsOfWork(profile, { from: from.at, to: to.at }));
        if (threads.length === 0) return [];
        return [[name, parted(((to.cpu[name] ?? 0) - (from.cpu[name] ?? 0)) / tickets, threads)]];
      }),
    );
  } finally {
    if (!stopped) await desk.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
