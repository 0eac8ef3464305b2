import { type DeskPack, readDeskPack, shadowOf, SHADOW_SUFFIX } from "@opsdesk/desk-pack";
import { contentHash } from "@opsdesk/identity";
import type { AdminCommandSubmitted } from "@opsdesk/schemas/admin-command-submitted";
import type { Desk } from "@opsdesk/schemas/desk";
import type { Refusal } from "./codes.ts";
import { emptyDesk } from "./empty-desk.ts";
import { HTTP_SOURCE } from "./http-source.ts";

/** A business as it is stored, with what its last pack submitted. */
export interface StoredDesk {
  readonly tenant: string;
  readonly version: number;
  readonly desk: Desk;
  readonly deskHash: string;
  readonly filesHash: string;
  readonly examplesHash: string;
  readonly apiKeys: Desk["apiKeys"];
  /** Content hash by source id. */
  readonly documents: ReadonlyMap<string, string>;
}

/** What a command wants the desk to be. `pack` comes with an applied one, `newBusiness` with a new one. */
export interface DeskPlan {
  readonly tenant: string;
  readonly desk: Desk;
  readonly shadow: Desk;
  readonly deskHash: string;
  readonly pack?: DeskPack;
  readonly newBusiness?: { readonly name: string };
}

export interface AdminAsked {
  readonly tenant: string;
  readonly eventId: string;
  readonly source: string;
  readonly data: AdminCommandSubmitted;
}

/** Of the commands that owners share a topic for, the ones that this service answers. */
const OWN_COMMANDS = ["business.create", "desk.apply"] as const;
export const isOwn = ({ data }: AdminAsked): boolean =>
  data.target === "policy" && OWN_COMMANDS.some((own) => own === data.command);

export const shadowTenant = (tenant: string): string => `${tenant}${SHADOW_SUFFIX}`;
export const isShadow = (tenant: string): boolean => tenant.endsWith(SHADOW_SUFFIX);

/** `files` are those that an applied pack consists of; undefined where the blob that holds them is gone. */
export function planDesk(
  asked: AdminAsked,
  stored: StoredDesk | undefined,
  files: ReadonlyMap<string, string> | undefined,
): DeskPlan | Refusal {
  const { data } = asked;
  if (isShadow(asked.tenant))
    return { code: "not_allowed", message: "a shadow tenant follows its business and takes no commands" };
  // They carry what HTTP has checked and kept; a record on the topic proves neither.
  if (asked.source !== HTTP_SOURCE) return { code: "not_allowed", message: `${data.command} is taken by HTTP only` };
  if (data.command === "business.create")
    return stored === undefined
      ? create(asked)
      : { code: "business_conflict", message: `${asked.tenant} exists already` };
  if (stored === undefined) return { code: "business_unknown", message: `there is no business ${asked.tenant}` };
  return apply(stored, files);
}

function create({ tenant, data }: AdminAsked): DeskPlan | Refusal {
  const { name, locale, timeZone, keyId, sha256, scopes } = data.arguments;
  const texts = [name, locale, timeZone, keyId, sha256];
  if (
    !texts.every((one) => typeof one === "string") ||
    !Array.isArray(scopes) ||
    !scopes.every((one) => typeof one === "string")
  )
    return {
      code: "command_invalid",
      message: "business.create needs name, locale, timeZone, keyId, sha256 and scopes",
    };
  // Checked in the line above.
  const [named, at, zone, key, hash] = texts as [string, string, string, string, string];
  const desk = emptyDesk({ id: tenant, name: named, locale: at, timeZone: zone }, [
    { keyId: key, sha256: hash, scopes },
  ]);
  return { ...planned(tenant, desk), newBusiness: { name: named } };
}

function apply(stored: StoredDesk, files: ReadonlyMap<string, string> | undefined): DeskPlan | Refusal {
  if (files === undefined)
    return { code: "command_invalid", message: "the files of the pack are not in the blob store" };
  const read = readDeskPack(files);
  if ("problems" in read)
    return {
      code: "desk_pack_invalid",
      message: `${read.problems.length} problems; the first: ${read.problems[0]?.message ?? ""}`,
    };
  const { pack } = read;
  if (pack.desk.business.id !== stored.tenant)
    return {
      code: "business_mismatch",
      message: `the pack is for ${pack.desk.business.id}, the key belongs to ${stored.tenant}`,
    };
  return { ...planned(stored.tenant, { ...pack.desk, apiKeys: stored.apiKeys }), pack };
}

const planned = (tenant: string, desk: Desk): DeskPlan => ({
  tenant,
  desk,
  shadow: { ...shadowOf(desk), apiKeys: [] },
  deskHash: contentHash(desk),
});
