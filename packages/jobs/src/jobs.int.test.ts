import { provision, sql } from "@opsdesk/database";
import type { PgliteInstallation } from "@opsdesk/database/pglite";
import { openEmpty } from "@opsdesk/database/testing";
import type { Jobs } from "./index.ts";
import { jobsContract } from "./jobs.contract.ts";
import { memoryJobs } from "./memory.ts";
import { pgBossJobs } from "./pg-boss.ts";

let installation: PgliteInstallation;
beforeAll(async () => {
  installation = await openEmpty();
  await provision(installation.as("postgres"), "work_jobs");
}, 60_000);
afterAll(() => installation.close());

jobsContract({
  name: "pg-boss",
  open: async () => {
    const owner = installation.as("work_jobs_owner");
    const app = installation.as("work_jobs_app");
    const opened: Jobs[] = [];
    const open = async () => {
      const jobs = pgBossJobs({
        owner,
        app,
        schema: "work_jobs",
        onError: (error) => process.stderr.write(`${String(error)}\n`),
      });
      opened.push(jobs);
      return jobs;
    };
    const jobs = await open();
    await owner.query(sql`truncate work_jobs.job`).catch(() => undefined);
    return {
      jobs,
      database: app,
      again: open,
      close: async () => {
        for (const one of opened) await one.stop();
      },
    };
  },
});

jobsContract({
  name: "memory",
  open: async () => {
    const jobs = memoryJobs(() => Date.now());
    return { jobs, database: installation.as("work_jobs_app"), again: async () => jobs, close: () => jobs.stop() };
  },
});

it("keeps finished jobs for an hour, also in a queue that an earlier version made", async () => {
  const [owner, app] = [installation.as("work_jobs_owner"), installation.as("work_jobs_app")];
  const open = () => pgBossJobs({ owner, app, schema: "work_jobs", onError: () => undefined });
  const kept = async () =>
    (
      await app.query<{ seconds: number }>(
        sql`select deletion_seconds as seconds from work_jobs.queue where name = 'kept.for'`,
      )
    )[0]?.seconds;
  const first = open();
  await first.start([{ name: "kept.for", expireSeconds: 30 }]);
  await first.stop();
  expect(await kept()).toBe(3_600);
  await app.query(sql`update work_jobs.queue set deletion_seconds = 86400 where name = 'kept.for'`);
  const second = open();
  await second.start([{ name: "kept.for", expireSeconds: 30 }]);
  await second.stop();
  expect(await kept()).toBe(3_600);
});
