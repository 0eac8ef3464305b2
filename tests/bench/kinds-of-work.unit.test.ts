import { describe, expect, it } from "@jest/globals";
import { type CpuProfile, kindsOfWork, parted } from "./kinds-of-work.ts";

const frame = (functionName: string, url = "") => ({ functionName, url });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(root)"), children: [2, 3, 4, 5] },
    { id: 2, callFrame: frame("(idle)") },
    { id: 3, callFrame: frame("(garbage collector)") },
    {
      id: 4,
      callFrame: frame("write", "file:///app/node_modules/.pnpm/kafkajs@2/node_modules/kafkajs/src/a.js"),
      children: [6],
    },
    { id: 5, callFrame: frame("decide", "file:///app/services/triage/src/decide/route.ts") },
    { id: 6, callFrame: frame("writev", "node:net") },
  ],
  samples: [2, 3, 4, 6, 5, 6],
  timeDeltas: [10, 20, 30, 40, 50, 60],
  startTime: 1_000,
};

describe("kinds of work", () => {
  it("counts what Node does for whoever called it, and no waiting", () => {
    expect(Object.fromEntries(kindsOfWork(profile, { from: 0, to: 10_000 }))).toEqual({
      "garbage collection": 20,
      "client of the broker": 130,
      decisions: 50,
    });
  });

  it("leaves out what was before and after", () => {
    expect(Object.fromEntries(kindsOfWork(profile, { from: 1_061, to: 1_150 }))).toEqual({
      "client of the broker": 40,
      decisions: 50,
    });
  });

  it("parts a process's CPU as its threads' samples are", () => {
    expect(
      parted(4, [
        new Map([["jobs", 100]]),
        new Map([
          ["jobs", 200],
          ["HTTP", 100],
        ]),
      ]),
    ).toEqual({ jobs: 3, HTTP: 1 });
  });
});
