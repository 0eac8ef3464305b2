import type { Command } from "commander";
import { storyOf } from "../story/story.ts";
import { tellStory } from "../story/tell.ts";
import { acting } from "../terminal/command.ts";
import type { Environment } from "../up/settings.ts";

export const addStory = (program: Command, environment: Environment): void => {
  program
    .command("story")
    .description("a ticket's whole story: events, runs, evidence, gate rules, webhook attempts, people's actions")
    .argument("<ref>", "a reference (OD-1025) or a ticket id")
    .action(
      acting<object, [string]>(environment, async ({ desk }, _options, ref) => {
        const story = await storyOf(desk, ref);
        return { json: story, text: tellStory(story) };
      }),
    );
};
