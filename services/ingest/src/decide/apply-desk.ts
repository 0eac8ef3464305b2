import { contentHash } from "@opsdesk/identity";
import { type NewEvent, type Outcome, done, ignore, reject } from "@opsdesk/messaging/outcome";
import type { Actor, BlobRef } from "@opsdesk/schemas/common";
import type { CommandRefused } from "@opsdesk/schemas/command-refused";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Refusal } from "./codes.ts";
import { deskConfigured, documentHash, examplesSubmitted, sourceRetirement, sourceSubmitted } from "./desk-events.ts";
import { HTTP_SOURCE } from "./http-source.ts";
import { type AdminAsked, type DeskPlan, type StoredDesk, isOwn, shadowTenant } from "./plan-desk.ts";

interface BusinessWrite {
  readonly tenant: string;
  readonly name: string;
  readonly desk: Desk;
  readonly version: number;
  readonly deskHash: string;
  readonly filesHash: string;
  readonly examplesHash: string;
  readonly now: string;
}

export interface DeskRows {
  /** The business and its shadow. */
  readonly businesses: readonly BusinessWrite[];
  readonly isNew: boolean;
  /** The version that the change is conditional on. */
  readonly loadedVersion: number;
  readonly keys: readonly {
    readonly tenant: string;
    readonly keyId: string;
    readonly sha256: string;
    readonly scopes: readonly string[];
    readonly now: string;
  }[];
  readonly documents: readonly { readonly tenant: string; readonly sourceId: string; readonly contentHash: string }[];
  readonly removed: readonly { readonly tenant: string; readonly sourceId: string }[];
}

/** What was loaded for one command. Blobs are those of content too large for an event, by tenant or `<tenant>/<source>`. */
export interface AdminState {
  readonly stored: StoredDesk | undefined;
  readonly plan: DeskPlan | Refusal;
  readonly blobs: ReadonlyMap<string, BlobRef>;
}

export interface AdminStates {
  readonly byEvent: ReadonlyMap<string, AdminState>;
  /** Tenants whose desk an earlier command of this batch changes. */
  readonly changing: ReadonlySet<string>;
}

export interface DeskReceipt {
  readonly version: number;
  readonly contentHash: string;
  readonly changed: boolean;
  readonly examples: number;
  readonly documentsSubmitted: readonly string[];
  readonly documentsRetired: readonly string[];
}

/** A change of the desk: told once for the business and once for its shadow, and only where something changed. */
export function applyDesk(asked: AdminAsked, states: AdminStates, now: string): Outcome<DeskRows> {
  if (!isOwn(asked)) return ignore("another_owners_command");
  const state = states.byEvent.get(asked.eventId);
  if (state === undefined || states.changing.has(asked.tenant))
    return refuse(asked, {
      code: "version_conflict",
      message: "another change of this desk is being written; try again",
    });
  const { plan, stored, blobs } = state;
  if ("code" in plan) return refuse(asked, plan);

  const deskChanged = stored?.deskHash !== plan.deskHash;
  const version = (stored?.version ?? 0) + (deskChanged ? 1 : 0);
  const change = changeOf(plan, stored, version, blobs, asked.data.actor);
  const receipt: DeskReceipt = {
    version,
    contentHash: plan.deskHash,
    changed: deskChanged || change.events.length > 0,
    examples: change.examples,
    documentsSubmitted: change.documents.map((document) => document.sourceId),
    documentsRetired: change.removed.map((document) => document.sourceId),
  };
  const filesHash = plan.pack?.filesHash ?? stored?.filesHash ?? "";
  if (!receipt.changed && filesHash === stored?.filesHash) return ignore("unchanged", receipt);

  const shadow = shadowTenant(plan.tenant);
  const common = {
    name: plan.newBusiness?.name ?? plan.desk.business.name,
    version,
    filesHash,
    examplesHash: change.examplesHash,
    now,
  };
  return done({
    rows: {
      businesses: [
        { ...common, tenant: plan.tenant, desk: plan.desk, deskHash: plan.deskHash },
        { ...common, tenant: shadow, desk: plan.shadow, deskHash: contentHash(plan.shadow) },
      ],
      isNew: stored === undefined,
      loadedVersion: stored?.version ?? 0,
      keys: stored === undefined ? plan.desk.apiKeys.map((key) => ({ ...key, tenant: plan.tenant, now })) : [],
      documents: change.documents,
      removed: change.removed,
    },
    events: [
      ...(deskChanged
        ? [
            deskConfigured(plan.tenant, version, plan.desk, blobs.get(plan.tenant)),
            deskConfigured(shadow, version, plan.shadow, blobs.get(shadow)),
          ]
        : []),
      ...change.events,
    ],
    reply: receipt,
  });
}

interface PackChange {
  readonly events: readonly NewEvent[];
  readonly examples: number;
  readonly examplesHash: string;
  readonly documents: DeskRows["documents"];
  readonly removed: DeskRows["removed"];
}

/** What of a pack is not known yet. A command without a pack changes none of it. */
function changeOf(
  { tenant, pack }: DeskPlan,
  stored: StoredDesk | undefined,
  version: number,
  blobs: ReadonlyMap<string, BlobRef>,
  actor: Actor,
): PackChange {
  const before = stored?.documents ?? new Map<string, string>();
  const examplesBefore = stored?.examplesHash ?? "";
  if (pack === undefined) return { events: [], examples: 0, examplesHash: examplesBefore, documents: [], removed: [] };
  const tenants = [tenant, shadowTenant(tenant)];
  const examplesHash = contentHash(pack.examples);
  const examples = examplesHash === examplesBefore ? [] : pack.examples;
  const changed = pack.documents.filter((document) => before.get(document.sourceId) !== documentHash(document));
  const kept = new Set(pack.documents.map((document) => document.sourceId));
  const removed = [...before.keys()].filter((sourceId) => !kept.has(sourceId));
  return {
    events: [
      ...examplesSubmitted(tenant, version, examples),
      ...tenants.flatMap((one) =>
        changed.map((document) => sourceSubmitted(one, document, blobs.get(`${one}/${document.sourceId}`))),
      ),
      ...tenants.flatMap((one) => removed.map((sourceId) => sourceRetirement(one, sourceId, actor))),
    ],
    examples: examples.length,
    examplesHash,
    documents: changed.map((document) => ({
      tenant,
      sourceId: document.sourceId,
      contentHash: documentHash(document),
    })),
    removed: removed.map((sourceId) => ({ tenant, sourceId })),
  };
}

function refuse({ tenant, eventId, source, data }: AdminAsked, { code, message }: Refusal): Outcome<DeskRows> {
  if (source === HTTP_SOURCE) return reject(code, message);
  const refused: CommandRefused = {
    commandId: eventId,
    ticketId: null,
    actor: data.actor,
    command: data.command,
    code,
    message,
  };
  return done({ events: [{ type: "command.refused", key: tenant, data: refused }] });
}
