import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFaults } from "./stack-faults.ts";
import { runStackFlow } from "./stack-flow.ts";
import { sampleTexts } from "./texts.ts";

/** A short part of what `npm run test:faults -- stack` does at length. */
const SOME = [
  "SIGKILL of ingest",
  "SIGKILL of triage",
  "broker SIGKILL and restart",
  "Postgres SIGKILL and restart",
  "a model's endpoint that hangs",
  "a model's endpoint that fails",
  "every message delivered twice",
  "an unreadable record in every topic",
];
const SEED = 7;
const TICKETS = 120;

it("loses, repeats and disorders nothing when services, the broker and Postgres are killed and the model fails under load", async () => {
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-faults-"));
  const lines: string[] = [];
  const faults = stackFaults.filter(({ name }) => SOME.includes(name));
  expect(faults).toHaveLength(SOME.length);
  const report = await runStackFlow({
    seed: SEED,
    texts: await sampleTexts(TICKETS, SEED),
    faults,
    folder,
    say: (line) => void lines.push(line),
  });
  expect({ violations: report.violations, lines }).toEqual({ violations: [], lines });
  expect(Object.keys(report.recoverySeconds).toSorted()).toEqual(SOME.toSorted());
  expect(report.webhooks).toBeGreaterThanOrEqual(TICKETS);
  await rm(folder, { recursive: true });
}, 900_000);
