import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpuMsOfTree } from "./cpu.ts";

const linux = process.platform === "linux" ? it : it.skip;

linux("counts what a process and the processes under it have spent, those that have ended too", async () => {
  const before = cpuMsOfTree(process.pid) ?? 0;
  const child = spawn(process.execPath, ["-e", "while (process.cpuUsage().user < 400_000);"]);
  await once(child, "exit");
  expect((cpuMsOfTree(process.pid) ?? 0) - before).toBeGreaterThan(200);
  expect(cpuMsOfTree(undefined)).toBeUndefined();
});
