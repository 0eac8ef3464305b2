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

  const outside = { MODEL: "claude-haiku-5-5", ANTHROPIC_API_KEY: " sk-secret\n" };

  it("takes an outside model with its key, and reads neither for the desk's own", () => {
    expect(readConfig(outside).model).toEqual({
      model: "claude-haiku-5-5",
      apiKey: "sk-secret",
      baseUrl: "https://api.anthropic.com",
      timeoutMs: 20_000,
    });
    expect(readConfig({ ANTHROPIC_API_KEY: "sk-secret" }).model).toBe("demo-template-router-v1");
  });

  it("names every problem of an outside model at once, and no key", () => {
    const wrong = {
      ...outside,
      ANTHROPIC_BASE_URL: "http://models.example",
      MODEL_TIMEOUT_MS: "30000",
      TRIAGE_JOBS_MAX: "x",
    };
    expect(() => readConfig(wrong)).toThrow(/ANTHROPIC_BASE_URL must be https.*MODEL_TIMEOUT_MS.*TRIAGE_JOBS_MAX/);
    expect(() => readConfig(wrong)).not.toThrow(/secret/);
    expect(() => readConfig({ MODEL: "claude-opus-5-5", ANTHROPIC_API_KEY: " " })).toThrow(
      /ANTHROPIC_API_KEY is needed/,
    );
    expect(() => readConfig({ MODEL: "claude-2" })).toThrow(/MODEL must be .*claude-opus-5-5, not "claude-2"/);
  });

  it.each([
    ["http://127.0.0.1:8080", true],
    ["http://localhost:8080/proxy", true],
    ["https://models.example", true],
    ["http://127.0.0.1.example", false],
    ["https://user:pass@models.example", false],
    ["https://models.example/?key=1", false],
    ["models.example", false],
    ["ftp://localhost", false],
  ])("lets enquiries go to %p: %p", (url, allowed) => {
    const read = () => readConfig({ ...outside, ANTHROPIC_BASE_URL: url });
    if (allowed) expect(read).not.toThrow();
    else expect(read).toThrow(/^ANTHROPIC_BASE_URL/);
  });
});
