/**
 * The environment of every suite. V8 shares compiled WebAssembly between all that compile the same bytes in one process,
 * as long as somebody holds it: without that, each suite with a database of its own compiles Postgres anew.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { TestEnvironment } from "jest-environment-node";

const database = createRequire(new URL("../packages/database/package.json", import.meta.url));
const held = readFile(new URL("pglite.wasm", `file://${database.resolve("@electric-sql/pglite")}`)).then((bytes) =>
  WebAssembly.compile(bytes),
);

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    await held;
  }
}
