import { type Servers, runOnce, startServers } from "./bench.ts";
import { SYSTEMS } from "./systems.ts";

describe("a system of the pipeline benchmark", () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await startServers({ own: false });
  });
  afterAll(() => servers.stop());

  it.each(Object.keys(SYSTEMS))("%s takes a backlog through five steps", async (name) => {
    const load = { kind: "backlog", tickets: 40 } as const;
    const { run } = await runOnce(servers, name, load, { first: 1, round: 1, warmUpSeconds: 0 });
    expect(run.tickets).toBe(40);
    expect(run.commitsPerTicket).toBeGreaterThan(0);
  });
});
