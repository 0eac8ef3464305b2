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

const files = [
  ...patches.map((name) => join(folder, `${name}.patch`)),
  join(import.meta.dirname, "upgrade", "later-minor.patch"),
  join(root, "tests", "bench", "regression", "slower-by-30-percent.patch"),
];

it.each(files)("%s can be planted into the code as it is", (file) => {
  execFileSync("git", ["apply", "--check", file], { cwd: root, stdio: "pipe" });
});
