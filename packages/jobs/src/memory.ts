import type { Jobs, JobToInsert } from "./index.ts";

interface Kept extends JobToInsert {
  dueAt: number;
  state: "waiting" | "active";
  expireSeconds: number;
}

/** Jobs in this process, for tests and for a desk without a disk. Transactional by `afterCommit`. */
export function memoryJobs(now: () => number): Jobs {
  const kept = new Map<string, Kept>();
  const expiry = new Map<string, number>();
  return {
    async start(queues) {
      for (const queue of queues) expiry.set(queue.name, queue.expireSeconds);
    },
    async insert(tx, jobs) {
      tx.afterCommit(() => {
        for (const job of jobs)
          if (!kept.has(job.id))
            kept.set(job.id, {
              ...job,
              dueAt: now() + job.startAfterSeconds * 1_000,
              state: "waiting",
              expireSeconds: expiry.get(job.queue) ?? 60,
            });
      });
    },
    async complete(tx, queue, ids) {
      const open = ids.filter((id) => kept.get(id)?.queue === queue);
      tx.afterCommit(() => {
        for (const id of open) kept.delete(id);
      });
      return open.length;
    },
    async fetch(queue, limit) {
      const due = [...kept.values()].filter((job) => job.queue === queue && job.dueAt <= now()).slice(0, limit);
      for (const job of due) {
        job.state = "active";
        job.dueAt = now() + job.expireSeconds * 1_000;
      }
      return due.map(({ id, data }) => ({ id, queue, data }));
    },
    async recover() {
      for (const job of kept.values()) if (job.state === "active" || job.fromMemory) job.dueAt = now();
    },
    async due() {
      return [...kept.values()].filter((job) => job.dueAt <= now() || job.state === "active").length;
    },
    async hasten(causationIds) {
      const wanted = new Set(causationIds);
      for (const job of kept.values())
        if (job.state === "waiting" && wanted.has((job.data as { causationId?: string }).causationId ?? ""))
          job.dueAt = now();
    },
    async counts() {
      return [...expiry.keys()].map((queue) => {
        const jobs = [...kept.values()].filter((job) => job.queue === queue);
        const active = jobs.filter((job) => job.state === "active").length;
        return { queue, waiting: jobs.length - active, active };
      });
    },
    async stop() {
      kept.clear();
    },
  };
}
