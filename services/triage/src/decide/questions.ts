import { contentHash } from "@opsdesk/identity";
import { DRAFT_INSTRUCTIONS, askDraft } from "./ask-draft.ts";
import { TRIAGE_INSTRUCTIONS, askTriage } from "./ask-triage.ts";

const VERSION_CHARACTERS = 12;

/** What is asked of an outside model. Other words are another version: nobody has to remember to count it up. */
export const questions = {
  version: `ask-${contentHash([TRIAGE_INSTRUCTIONS, DRAFT_INSTRUCTIONS]).slice(0, VERSION_CHARACTERS)}`,
  triage: askTriage,
  draft: askDraft,
};
