import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { readConfig } from "./config.ts";
import { TRIAGE_CODES } from "./errors.ts";

describe("failure-modes.md", () => {
  it("has one heading for each code, and no other", async () => {
    const page = await readFile(new URL("../failure-modes.md", import.meta.url), "utf8");
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, name = ""]) => name);
    expect(headings.toSorted()).toEqual([...TRIAGE_CODES].toSorted());
  });
});

describe("readConfig", () => {
  it("has defaults, and names every problem at once", () => {
    expect(readConfig({})).toEqual({ model: "demo-template-router-v1", routerSeed: 1, jobsMax: 50 });
    expect(() => readConfig({ MODEL: "x", TRIAGE_JOBS_MAX: "0", TRIAGE_ROUTER_SEED: "1.5" })).toThrow(
      /MODEL.*TRIAGE_JOBS_MAX.*TRIAGE_ROUTER_SEED/,
    );
  });
});
