import { styleText } from "node:util";
import type { Command } from "commander";
import { acting, wholeNumber } from "../terminal/command.ts";
import { short } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options {
  readonly limit: number;
  readonly kind?: string;
  readonly audience?: string;
}

interface Found {
  readonly weak: boolean;
  readonly reason: string | null;
  readonly results: readonly {
    readonly citation: {
      readonly sourceId: string;
      readonly title: string;
      readonly uri: string;
      readonly chunkId: string;
    };
    readonly text: string;
    readonly section: string;
    readonly score: number;
    readonly legs: readonly { readonly leg: string }[];
  }[];
}

export const addKnowledgeSearch = (knowledge: Command, environment: Environment): void => {
  knowledge
    .command("search")
    .description("search as a draft would, each passage with its citation")
    .argument("<query>")
    .option("--limit <n>", "at most this many passages", wholeNumber(1, 50), 5)
    .option("--kind <kind>", "policy, playbook, faq or document")
    .option("--audience <audience>", "customer or staff")
    .action(
      acting<Options, [string]>(environment, async ({ desk }, { audience, kind, limit }, query) => {
        const filters = { ...(kind === undefined ? {} : { kind }), ...(audience === undefined ? {} : { audience }) };
        const found = await desk.send<Found>("POST", "/v1/knowledge/search", { query, limit, filters });
        return { json: found, text: foundText(found) };
      }),
    );
};

function foundText({ reason, results, weak }: Found): string {
  const passages = results.map(
    ({ citation, legs, score, section, text }, place) =>
      `${styleText("bold", `${place + 1}. ${citation.title}`)} ${styleText("dim", `${section} · ${citation.sourceId} · ${score.toFixed(3)} (${legs.map(({ leg }) => leg).join(", ")})`)}\n   ${short(text, 400)}`,
  );
  const verdict = weak
    ? [styleText("yellow", `Not enough to answer from${reason === null ? "" : `: ${reason}`}.`)]
    : [];
  return [...passages, ...verdict].join("\n") || "Nothing found.";
}
