import { handler } from "@opsdesk/messaging/handler";
import { type SourceNews, sourceIndexed } from "../decide/source-news.ts";
import { rememberSources } from "../store/known-sources.ts";

/** Remembers the newest version of a source, and wakes proposals that cite it ahead of this news. */
export const onSourceIndexed = () =>
  handler<"knowledge.source_indexed", undefined, SourceNews>("knowledge.source_indexed", {
    decide: sourceIndexed,
    save: (rows) => ({ writes: [rememberSources(rows)] }),
  });
