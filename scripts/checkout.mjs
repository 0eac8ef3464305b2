/** Where things are in this checkout. Plain JavaScript that Node 20 reads, like all `.mjs` files beside it. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const inCheckout = (...parts) => join(root, ...parts);

/** One line for each thing that is done. Always stderr: stdout belongs to the command that was asked for. */
export const say = (line) => process.stderr.write(`opsdesk: ${line}\n`);

/** A problem that the reader can do something about: shown without a stack. */
export class SetupError extends Error {}
