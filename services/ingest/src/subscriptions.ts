import type { Blobs } from "@opsdesk/blobs";
import type { AnyHandler } from "@opsdesk/messaging";
import { onAdminCommand } from "./handlers/on-admin-command.ts";
import { onDraftAutoApproved } from "./handlers/on-draft-auto-approved.ts";
import { onDraftProposed } from "./handlers/on-draft-proposed.ts";
import { onDraftReviewed } from "./handlers/on-draft-reviewed.ts";
import { onEnquirySubmitted } from "./handlers/on-enquiry-submitted.ts";
import { onFollowupSuggested } from "./handlers/on-followup-suggested.ts";
import { onSourceIndexed } from "./handlers/on-source-indexed.ts";
import { onSourceRetired } from "./handlers/on-source-retired.ts";
import { onTicketCommandSubmitted } from "./handlers/on-ticket-command-submitted.ts";
import { onTicketTriaged } from "./handlers/on-ticket-triaged.ts";
import type { SaidBefore } from "./decide/said-before.ts";
import type { Businesses } from "./store/businesses.ts";

/** What this service listens to. A name is part of the inbox key: renaming one is a migration. */
export const subscriptions = (
  businesses: Businesses,
  blobs: Blobs,
  before: SaidBefore,
): Readonly<Record<string, AnyHandler>> => ({
  "on-enquiry-submitted": onEnquirySubmitted(businesses, blobs, before),
  "on-ticket-command-submitted": onTicketCommandSubmitted(businesses),
  "on-draft-proposed": onDraftProposed,
  "on-draft-auto-approved": onDraftAutoApproved,
  "on-draft-reviewed": onDraftReviewed,
  "on-ticket-triaged": onTicketTriaged(businesses),
  "on-followup-suggested": onFollowupSuggested(businesses),
  "on-source-indexed": onSourceIndexed,
  "on-source-retired": onSourceRetired,
  "on-admin-command": onAdminCommand(blobs),
});
