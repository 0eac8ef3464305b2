#!/usr/bin/env node
// Plain JavaScript for Node 20: the program itself runs under the checkout's own Node 24.
import { SetupError } from "../../../scripts/checkout.mjs";
import { opsdesk } from "../../../scripts/opsdesk.mjs";

try {
  process.exitCode = await opsdesk(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`opsdesk: ${error.message}\n`);
  process.exitCode = 1;
}
