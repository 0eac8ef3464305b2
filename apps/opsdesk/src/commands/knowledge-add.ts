import { newId } from "@opsdesk/identity";
import type { Command } from "commander";
import { pathTo, type Client } from "../client/client.ts";
import { patiently } from "../client/patiently.ts";
import { ifThere, until } from "../client/until.ts";
import { type DocumentDefaults, documentOf } from "../knowledge/document.ts";
import { acting, wholeNumber } from "../terminal/command.ts";
import { readText } from "../terminal/read-text.ts";
import { table } from "../terminal/table.ts";
import type { Environment } from "../up/settings.ts";

interface Options extends DocumentDefaults {
  readonly timeout: number;
}

interface Source {
  readonly sourceId: string;
  readonly status: string;
  readonly latestVersion: number;
  readonly versions: readonly { readonly version: number; readonly chunks: number; readonly failure: string | null }[];
}

export const addKnowledgeAdd = (knowledge: Command, environment: Environment): void => {
  knowledge
    .command("add")
    .description("add documents, or newer versions of them, and wait until they can be quoted")
    .argument("<file...>", "Markdown, with front matter as in a desk pack or without; or plain text")
    .option("--kind <kind>", "where the file does not say: policy, playbook, faq or document", "document")
    .option("--audience <audience>", "where the file does not say: customer or staff", "customer")
    .option("--locale <language>", "where the file does not say; the desk's own by default")
    .option("--timeout <seconds>", "how long to wait for one document", wholeNumber(1), 60)
    .action(
      acting<Options, [readonly string[]]>(environment, async ({ desk, progress }, { timeout, ...defaults }, files) => {
        // All are read before one is sent: a wrong name among them changes nothing.
        const documents = await Promise.all(
          files.map(async (file) => ({ file, body: documentOf(file, await readText(file), defaults) })),
        );
        const shown = progress("indexing", documents.length);
        const added = [];
        for (const [place, { body, file }] of documents.entries()) {
          const key = newId();
          const { sourceId } = await patiently(() =>
            desk.send<{ sourceId: string }>("POST", "/v1/knowledge/sources", body, key),
          );
          const source = await until(`result of indexing ${file}`, timeout, () => indexed(desk, sourceId));
          const newest = source.versions.find(({ version }) => version === source.latestVersion);
          added.push({
            file,
            sourceId,
            version: source.latestVersion,
            status: source.status,
            chunks: newest?.chunks ?? 0,
            failure: newest?.failure ?? null,
          });
          shown.at(place + 1, sourceId);
        }
        shown.end();
        return {
          json: { added },
          text: table(
            ["file", "source", "version", "status", "passages", "failure"],
            added.map((one) => [one.file, one.sourceId, one.version, one.status, one.chunks, one.failure]),
          ),
          failed: added.some(({ status }) => status === "failed"),
        };
      }),
    );
};

async function indexed(desk: Client, sourceId: string): Promise<Source | undefined> {
  const source = await ifThere(desk.get<Source>(pathTo(["v1", "knowledge", "sources", sourceId])));
  return source === undefined || source.status === "indexing" ? undefined : source;
}
