/** Writes `.env` from `.env.example` with fresh secrets, readable by this user alone. Never overwrites. */
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const target = process.argv[2] ?? new URL(".env", root);
const filled = readFileSync(new URL(".env.example", root), "utf8")
  .split("\n")
  .map((line) => (line.startsWith("#") ? line : line.replaceAll("<random>", () => randomBytes(32).toString("hex"))))
  .join("\n");
try {
  writeFileSync(target, filled, { mode: 0o600, flag: "wx" });
} catch (error) {
  if (error.code !== "EEXIST") throw error;
  process.stderr.write(`${target} is there already and was left as it is.\n`);
  process.exitCode = 1;
}
