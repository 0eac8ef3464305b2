import { handler } from "@opsdesk/messaging/handler";
import { type SourceNews, sourceRetired } from "../decide/source-news.ts";
import { rememberSources } from "../store/known-sources.ts";

/** What has been withdrawn supports nothing any more. */
export const onSourceRetired = () =>
  handler<"knowledge.source_retired", undefined, SourceNews>("knowledge.source_retired", {
    decide: sourceRetired,
    save: (rows) => ({ writes: [rememberSources(rows)] }),
  });
