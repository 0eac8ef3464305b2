import type { Command } from "commander";
import { importFile } from "../import/import-file.ts";
import { CONCURRENCY_MAX } from "../import/known.ts";
import { reportText } from "../import/tally.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly textColumn?: string;
  readonly source?: string;
  readonly limit: number;
  readonly concurrency: number;
}

export const addImport = (program: Command, environment: Environment): void => {
  program
    .command("import")
    .description("send many enquiries; a second run of the same file adds nothing")
    .argument("<file>", ".csv, .jsonl or .mbox")
    .option("--text-column <name>", "which column holds the enquiry")
    .option("--source <name>", "whose ids the rows carry (default: import: and the file's hash)")
    .option("--limit <n>", "only the first n", wholeNumber(1), Number.MAX_SAFE_INTEGER)
    .option("--concurrency <n>", "how many at a time", wholeNumber(1, CONCURRENCY_MAX), 16)
    .action(
      acting<Options, [string]>(
        environment,
        async ({ desk, progress }, { textColumn, source, limit, concurrency }, file) => {
          const report = await importFile(desk, { file, textColumn, source, limit, concurrency, progress });
          return { json: report, text: reportText(report), failed: report.refused > 0 };
        },
      ),
    );
};
