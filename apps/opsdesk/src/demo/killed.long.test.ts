import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freshApiKey } from "../up/secrets.ts";
import { freePort, run, runOn } from "../testing/program.ts";
import { storedEvents } from "../testing/stored-log.ts";

let folder: string;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "opsdesk-killed-"));
  environment = {
    OPSDESK_DATA_DIR: join(folder, "data"),
    PORT: String(await freePort()),
    OPSDESK_RECEIVER_PORT: String(await freePort()),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The moments differ from machine to machine and from run to run, and none of them may matter. */
async function killedAfter(said: string, ms: number): Promise<void> {
  const { child, says } = runOn(["up", "--demo"], environment);
  await says(said);
  await sleep(ms);
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}

describe("a first start that is killed again and again", () => {
  it("is completed by the next one, with nothing done twice", async () => {
    // As a start leaves it that was killed before its key was known to the desk.
    await mkdir(join(folder, "data"));
    await writeFile(join(folder, "data", "api-key"), `${freshApiKey()}\n`, { mode: 0o600 });
    await killedAfter("OpsDesk is ready", 100);
    await killedAfter("Playing the reference scenario", 250);

    const { code, err, out } = await run(["up", "--demo", "--exit"], environment);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.match(/^✔/gmu)).toHaveLength(10);

    const events = await storedEvents(join(folder, "data"));
    const own = events.filter(({ tenantid }) => tenantid === "it-helpdesk");
    const ONCE = [
      "enquiry.accepted",
      "ticket.created",
      "ticket.triaged",
      "context.retrieved",
      "ai.draft.proposed",
      "ai.draft.review_required",
      "ai.draft.reviewed",
      "contact.logged",
    ];
    expect(ONCE.map((type) => [type, own.filter((event) => event.type === type).length])).toEqual(
      ONCE.map((type) => [type, 1]),
    );
  }, 300_000);
});
