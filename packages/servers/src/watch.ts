import { type ChildProcess, spawn } from "node:child_process";

/**
 * Ends a process group when this process is gone, until the watcher is killed. Its standard input is a pipe that the system closes even after SIGKILL,
 * which no handler of ours would see.
 */
export function watch(pid: number): ChildProcess {
  // The only form that every shell takes for a group: some want no "--" after "-9", others no group without it.
  const watcher = spawn("/bin/sh", ["-c", 'read -r _; kill -s KILL -- "-$0"', String(pid)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watcher.unref();
  // A pipe's handle can be let go of like a process; the type of a writable stream does not say so.
  (watcher.stdin as unknown as { unref(): void }).unref();
  return watcher;
}
