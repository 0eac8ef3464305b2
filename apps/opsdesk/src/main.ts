import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { withGlobalOptions } from "./terminal/command.ts";
import { printError } from "./terminal/print.ts";
import type { Environment } from "./up/settings.ts";

type Add = (program: Command, environment: Environment) => void;

/** In the order of the help. Only what is called is loaded: services would cost every other command seconds. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  migrate: async () => (await import("./commands/migrate.ts")).addMigrate,
  up: async () => (await import("./commands/up.ts")).addUp,
  gateway: async () => (await import("./commands/gateway.ts")).addGateway,
  submit: async () => (await import("./commands/submit.ts")).addSubmit,
  import: async () => (await import("./commands/import.ts")).addImport,
  story: async () => (await import("./commands/story.ts")).addStory,
  tail: async () => (await import("./commands/tail.ts")).addTail,
  desk: async () => (await import("./commands/desk.ts")).addDesk,
  knowledge: async () => (await import("./commands/knowledge.ts")).addKnowledge,
  train: async () => (await import("./commands/train.ts")).addTrain,
  evaluate: async () => (await import("./commands/evaluate.ts")).addEvaluate,
  autosend: async () => (await import("./commands/autosend.ts")).addAutosend,
  "dead-letters": async () => (await import("./commands/dead-letters.ts")).addDeadLetters,
  replay: async () => (await import("./commands/replay.ts")).addReplay,
  rebuild: async () => (await import("./commands/rebuild.ts")).addRebuild,
  recover: async () => (await import("./commands/recover.ts")).addRecover,
  "replay-decision": async () => (await import("./commands/replay-decision.ts")).addReplayDecision,
  webhooks: async () => (await import("./commands/webhooks.ts")).addWebhooks,
  topics: async () => (await import("./commands/topics.ts")).addTopics,
  "check-event": async () => (await import("./commands/check-event.ts")).addCheckEvent,
};

const program = withGlobalOptions(
  new Command("opsdesk")
    .description("An AI service desk built as independent, event-driven services.")
    .version(manifest.version)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride((error) => {
      // 2 means wrong usage; help and version are no errors.
      process.exit(error.exitCode === 0 ? 0 : 2);
    }),
);

/** The help, and a word that is no command, need all of them. */
async function addCommands(words: readonly string[]): Promise<void> {
  const called = Object.keys(commands).filter((name) => words.includes(name));
  const asksForHelp = words.includes("help") || called.length === 0;
  for (const [name, load] of Object.entries(commands))
    if (asksForHelp || called.includes(name)) (await load())(program, process.env);
}

try {
  await addCommands(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = await printError(error, false);
}
// Nothing may keep a finished command alive (keep-alive sockets, timers of a library).
process.exit();
