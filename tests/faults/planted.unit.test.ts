import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/checkout.mjs";
import { PLANTED } from "./planted.ts";

const folder = join(import.meta.dirname, "planted");
const patches = readdirSync(folder).map((file) => file.replace(/\.patch$/, ""));

it("says of every patch which fault shows it", () => {
  expect(Object.keys(PLANTED).toSorted()).toEqual(patches.toSorted());
});

it.each(patches)("%s can be planted into the code as it is", (name) => {
  execFileSync("git", ["apply", "--check", join(folder, `${name}.patch`)], { cwd: root, stdio: "pipe" });
});
