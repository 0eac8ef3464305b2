import { rm } from "node:fs/promises";
import { temporaryFolder } from "@opsdesk/servers";
import { runRecoverFlow } from "./recover-flow.ts";
import { sampleTexts } from "./texts.ts";

it("loses, repeats and forgets nothing when Postgres is set back and the broker is not", async () => {
  const folder = temporaryFolder();
  const said: string[] = [];
  const report = await runRecoverFlow({
    seed: 1,
    texts: await sampleTexts(45, 1),
    minutes: 0,
    folder,
    say: (line) => void said.push(line),
  });
  expect([...report.violations, ...(report.violations.length > 0 ? said : [])]).toEqual([]);
  // All ways in were met: otherwise nothing of them would have been lost.
  expect(report.recovered["ingest"]?.lostByHttp).toBeGreaterThan(0);
  expect(report.recovered["safety-gate"]?.lost).toBeGreaterThan(0);
  await rm(folder, { recursive: true });
}, 900_000);
