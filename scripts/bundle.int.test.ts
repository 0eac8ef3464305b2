import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { entryOf, makeBundle } from "./bundle.mjs";

let folder: string;
let checkout: string;
const source = (text: string): void => {
  writeFileSync(join(checkout, "apps/opsdesk/src/main.ts"), text);
};
const BESIDE = `import { greeting } from "./part.ts";
console.log(greeting as string, new URL("./beside.txt", import.meta.url).href);
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "opsdesk-bundle-"));
  checkout = join(folder, "checkout");
  for (const path of ["apps/opsdesk/src", "packages", "services", "schemas/src", "scripts"])
    mkdirSync(join(checkout, path), { recursive: true });
  for (const path of ["pnpm-lock.yaml", "scripts/bundle.mjs"]) writeFileSync(join(checkout, path), "");
  writeFileSync(join(checkout, "apps/opsdesk/src/part.ts"), `export const greeting: string = "hello";`);
  source(BESIDE);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const isBundle = (): boolean => entryOf(checkout).endsWith(".mjs");
const said = (): string => spawnSync(process.execPath, [entryOf(checkout)], { encoding: "utf8" }).stdout.trim();

describe("the bundled program", () => {
  it("is run once it is made, and finds its files where the sources are", async () => {
    expect(isBundle()).toBe(false);
    const fromSource = said();
    await makeBundle(checkout);
    expect(isBundle()).toBe(true);
    expect(said()).toBe(fromSource);
    expect(fromSource).toBe(`hello ${pathToFileURL(join(checkout, "apps/opsdesk/src/beside.txt")).href}`);
  });

  it("is left for the sources as soon as one of them changes, or their folder moves", async () => {
    await makeBundle(checkout);
    source(`${BESIDE}console.log("edited");`);
    expect(isBundle()).toBe(false);
    expect(said()).toMatch(/edited$/u);

    await makeBundle(checkout);
    expect(isBundle()).toBe(true);
    renameSync(checkout, join(folder, "moved"));
    checkout = join(folder, "moved");
    expect(isBundle()).toBe(false);
  });

  it("keeps the bundle before, which a desk may be running from, and no older one", async () => {
    for (const text of ["1", "22", "333", "4444"]) {
      source(text);
      await makeBundle(checkout);
    }
    expect(readdirSync(join(checkout, "node_modules/.cache/opsdesk"))).toHaveLength(2);
    expect(isBundle()).toBe(true);
  });

  it("leaves nothing behind when it cannot be made", async () => {
    source(`import "./missing.ts";`);
    await expect(makeBundle(checkout)).rejects.toThrow(/missing/u);
    expect(isBundle()).toBe(false);
    expect(readdirSync(join(checkout, "node_modules/.cache/opsdesk")).filter((name) => name.endsWith(".tmp"))).toEqual(
      [],
    );
  });
});
