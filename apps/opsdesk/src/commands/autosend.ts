import { Argument, type Command } from "commander";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly category?: readonly string[];
}

interface Stops {
  readonly stopped: readonly { readonly categoryId: string | null; readonly by: string; readonly at: string }[];
}

export const addAutosend = (program: Command, environment: Environment): void => {
  program
    .command("autosend")
    .description("stop automatic replies, lift a stop, or say what is stopped; the next draft is decided under it")
    .addArgument(
      new Argument(
        "[wish]",
        "off stops; on lifts a stop, and never allows more than the desk's own policy does",
      ).choices(["on", "off"]),
    )
    .option("--category <id...>", "only these categories; the whole desk without")
    .action(
      acting<Options, [string | undefined]>(environment, async ({ desk }, { category = [] }, wish) => {
        const { stopped } =
          wish === undefined
            ? await desk.get<Stops>("/v1/auto-send")
            : await desk.send<Stops>("PUT", "/v1/auto-send", {
                enabled: wish === "on",
                categories: category,
              });
        return { json: { stopped }, text: stopsText(stopped) };
      }),
    );
};

const stopsText = (stopped: Stops["stopped"]): string =>
  stopped.length === 0
    ? "Nothing is stopped: the desk's own policy says what may be sent without a person."
    : stopped
        .map(({ at, by, categoryId }) => `${categoryId ?? "The whole desk"} is stopped since ${at} (by ${by}).`)
        .join("\n");
