import { BugError, RejectedError, TransientError } from "@opsdesk/errors";
import { Command } from "commander";
import { addUp } from "./commands/up.ts";
import { VERSION } from "./up/up.ts";

const program = new Command("opsdesk")
  .description("An AI service desk built as independent, event-driven services.")
  .version(VERSION)
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => {
    // 2 means wrong usage; help and version are no errors.
    process.exit(error.exitCode === 0 ? 0 : 2);
  });
addUp(program, process.env);

try {
  await program.parseAsync();
} catch (error) {
  const known = error instanceof RejectedError || error instanceof TransientError || error instanceof BugError;
  process.stderr.write(known ? `${error.code}: ${error.publicMessage ?? error.message}\n` : `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
// Nothing may keep a finished command alive (keep-alive sockets, timers of a library).
process.exit();
