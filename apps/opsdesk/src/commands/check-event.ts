import type { Command } from "commander";
import { checkEnquiryEvent } from "../check-event/check-enquiry-event.ts";
import { acting } from "../terminal/command.ts";
import { readText } from "../terminal/read-text.ts";
import type { Environment } from "../up/settings.ts";

export const addCheckEvent = (program: Command, environment: Environment): void => {
  program
    .command("check-event")
    .description("say what is wrong with an enquiry.submitted event before it is published; needs no running desk")
    .argument("<file>", "one structured CloudEvent, JSON")
    .action(
      acting<object, [string]>(environment, async (_session, _options, file) => {
        const problems = checkEnquiryEvent(await readText(file));
        const valid = problems.length === 0;
        return {
          json: { valid, problems },
          text: valid
            ? `${file} is an enquiry that a desk takes.`
            : problems.map(({ message, path }) => `${path === "" ? "/" : path} ${message}`).join("\n"),
          failed: !valid,
        };
      }),
    );
};
