import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEmbeddedFlow } from "./embedded-flow.ts";
import { sampleTexts } from "./texts.ts";

it("loses, repeats and disorders nothing when it is killed five times during an import of a thousand enquiries", async () => {
  const folder = await mkdtemp(join(tmpdir(), "opsdesk-faults-"));
  const report = await runEmbeddedFlow({
    seed: 1,
    texts: await sampleTexts(1_000, 1),
    kills: 5,
    folder,
    say: () => undefined,
  });
  expect(report.violations).toEqual([]);
  expect(report).toMatchObject({ tickets: 1_000, kills: 5 });
  await rm(folder, { recursive: true });
}, 300_000);
