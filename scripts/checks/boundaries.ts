/** Who may import whom, over every source of the workspace. `boundaries.ts DIR` reads another checkout. */
import { resolve } from "node:path";
import { root } from "../checkout.mjs";
import { readBoundaries } from "./read-boundaries.ts";
import { verdict } from "./verdict.ts";

const { crossings, read, unread } = await readBoundaries(resolve(process.argv[2] ?? root));
const problems = [
  ...crossings.map(({ rule, from, to }) => `${from}: ${rule}: must not import ${to}`),
  ...unread.map((file) => `${file}: was not read`),
];
if (read === 0) problems.push("no module was read");
verdict("boundaries", problems, `${String(read)} modules`);
