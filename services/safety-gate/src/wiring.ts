import { desksIn } from "@opsdesk/desk";
import { service } from "@opsdesk/service";
import { readConfig } from "./config.ts";
import { currentBefore } from "./decide/decided-before.ts";
import { decisionLinks } from "./decision-links.ts";
import { routes } from "./http/routes.ts";
import { draftRelease } from "./jobs/draft-release.ts";
import { subscriptions } from "./subscriptions.ts";

/** The safety gate: whether a draft goes out unread, who decides otherwise, and the record of both. */
export const safetyGateService = service({
  name: "safety-gate",
  schema: "safety_gate",
  migrations: new URL("../migrations/", import.meta.url),
  configure: readConfig,
  wire: ({ publicUrl, linkKey }, { database, blobs, offer }) => {
    const desks = desksIn("safety_gate", blobs);
    let current = currentBefore([]);
    return {
      recovering: (facts) => void (current = currentBefore(facts)),
      handlers: subscriptions(desks, decisionLinks(linkKey, publicUrl), publicUrl, () => current),
      jobs: [draftRelease()],
      routes: routes({ database, offer }),
      keys: { find: (sha256) => desks.holderOfKey(database, sha256) },
    };
  },
});
