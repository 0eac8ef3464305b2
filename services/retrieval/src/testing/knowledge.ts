import type { Given, Harness } from "@opsdesk/service/testing";
import type { ContractSource } from "./search.contract.ts";
import { aDesk, aSource } from "./fixtures.ts";

export const configured = (tenant: string): Given => ({
  type: "desk.configured",
  tenant,
  data: { version: 1, contentHash: "0".repeat(64), desk: aDesk({ apiKeys: [] }) },
});

export const submitted = ({ tenant, sourceId, content, ...rest }: ContractSource): Given => ({
  type: "knowledge.source_submitted",
  tenant,
  key: sourceId,
  // Typed as text in the suite, since a store knows no closed lists.
  data: { ...aSource({ sourceId, title: "T", content }), ...rest },
});

const retired = (tenant: string, sourceId: string): Given => ({
  type: "admin.command_submitted",
  tenant,
  key: tenant,
  data: { actor: { kind: "person", id: "priya" }, target: "source", command: "retire", arguments: { sourceId } },
});

/** The knowledge of a running service, as the contract suite changes it. */
export const knowledgeOf = (desk: Harness) => ({
  submit: (source: ContractSource) => desk.given(submitted(source)),
  retire: (tenant: string, sourceId: string) => desk.given(retired(tenant, sourceId)),
});
