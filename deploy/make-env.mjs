/** Writes `.env` from `.env.example` with fresh secrets, readable by this user alone. Never overwrites. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const root = new URL("../", import.meta.url);
const target = process.argv[2] ?? new URL(".env", root);
const values = new Map();
const filled = readFileSync(new URL(".env.example", root), "utf8")
  .split("\n")
  .map((line) => {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name === undefined) return line;
    const made = value
      .replaceAll("<random>", () => randomBytes(32).toString("hex"))
      .replace(/<sha256 of ([A-Z0-9_]+)>/, (_text, of) => createHash("sha256").update(values.get(of)).digest("hex"));
    values.set(name, made);
    return `${name}=${made}`;
  })
  .join("\n");
try {
  writeFileSync(target, filled, { mode: 0o600, flag: "wx" });
} catch (error) {
  if (error.code !== "EEXIST") throw error;
  process.stderr.write(`${target} is there already and was left as it is.\n`);
  process.exitCode = 1;
}
