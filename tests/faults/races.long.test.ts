import { runRaces } from "./races-flow.ts";

it("sends one reply at most, never to an outdated conversation, and tells every loser, whoever is first", async () => {
  const report = await runRaces({ seed: 1, tickets: 1_000, say: () => undefined });
  expect(report.violations).toEqual([]);
  // Each way of ending was met: otherwise nothing would have raced.
  expect(Object.keys(report.outcomes).length).toBeGreaterThan(3);
}, 300_000);
