import { migrate, provision, sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openEmpty } from "@opsdesk/database/testing";
import { busContract } from "./bus.contract.ts";
import { BUS_SCHEMA, busMigration, logBus } from "./log-bus.ts";

let installation: PgliteInstallation;
beforeAll(async () => {
  installation = await openEmpty();
  await provision(installation.as("postgres"), BUS_SCHEMA);
  await migrate(installation, { schema: BUS_SCHEMA, migrations: [{ name: "0001_log", text: busMigration }] });
}, 60_000);
afterAll(() => installation.close());

const open = async () => {
  const bus = logBus({
    database: installation.as("bus_app"),
    transactional: false,
    lingerMs: 0,
    onError: () => undefined,
  });
  await bus.ensureTopics([]);
  return bus;
};

busContract({
  name: "log in Postgres",
  open: async () => {
    const owner = installation.as("bus_owner");
    await owner.query(sql`truncate bus.records, bus.partitions, bus.group_offsets`);
    const opened = [await open()];
    return {
      bus: opened[0] ?? (await open()),
      again: async () => {
        const next = await open();
        await next.ensureTopics([]);
        opened.push(next);
        return next;
      },
      close: async () => {
        for (const bus of opened) await bus.close();
      },
    };
  },
});

it("lets a service append, and nothing else", async () => {
  await provision(installation.as("postgres"), "somebody");
  const service = installation.as("somebody_app");
  await expect(service.query(sql`select 1 from bus.records`)).rejects.toThrow(/permission denied/);
  await expect(service.query(sql`delete from bus.partitions`)).rejects.toThrow(/permission denied/);
});
