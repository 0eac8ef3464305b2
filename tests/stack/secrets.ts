import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Random 32 bytes by name, the same again for whoever goes on in the same folder. */
export class Secrets {
  readonly #file: string;
  readonly #kept: Map<string, string>;

  constructor(file: string) {
    this.#file = file;
    this.#kept = new Map(
      existsSync(file) ? Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : [],
    );
  }

  bytes(name: string): Buffer {
    const kept = this.#kept.get(name);
    if (kept !== undefined) return Buffer.from(kept, "base64url");
    const made = randomBytes(32);
    this.#kept.set(name, made.toString("base64url"));
    writeFileSync(this.#file, JSON.stringify(Object.fromEntries(this.#kept)), { mode: 0o600 });
    return made;
  }

  word = (name: string): string => this.bytes(name).toString("base64url");
}
