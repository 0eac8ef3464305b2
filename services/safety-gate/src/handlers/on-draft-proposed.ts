import type { Desks as DeskCopies } from "@opsdesk/desk";
import { handler } from "@opsdesk/messaging/handler";
import { type CurrentDrafts, asKnownThen } from "../decide/decided-before.ts";
import type { DecisionLinks } from "../decide/links.ts";
import { type ProposalState, afterProposal, sourcesOf } from "../decide/proposal-state.ts";
import { type ProposalRows, decideProposal } from "../decide/propose.ts";
import { AUDIT_TURN, appendAudit } from "../store/audit.ts";
import { insertDispositions } from "../store/dispositions.ts";
import { rememberTickets } from "../store/known-tickets.ts";
import { proposalFacts } from "../store/proposal-facts.ts";
import { insertReviews } from "../store/reviews.ts";

interface Ports {
  readonly desks: DeskCopies;
  readonly links: DecisionLinks;
  readonly publicUrl: string;
  /** Empty but in a recovery. */
  readonly before: () => CurrentDrafts;
}

/** Gates every proposal of triage: automatic reply, or a person. */
export const onDraftProposed = ({ before, desks, links, publicUrl }: Ports) =>
  handler<"ai.draft.proposed", ProposalState, ProposalRows>("ai.draft.proposed", {
    load: async (read, events) => {
      const known = await desks.byTenant(
        read,
        events.map(({ tenantid }) => tenantid),
      );
      const caps = [...known.values()].map(({ desk }) => desk.policy.autoSend);
      const facts = await proposalFacts(read, {
        proposals: events.map(({ tenantid: tenant, data }) => ({
          tenant,
          ticketId: data.ticketId,
          conversationVersion: data.conversationVersion,
          draftId: data.draftId,
          customerId: data.customer.id,
        })),
        sources: events.flatMap(({ tenantid: tenant, data }) => {
          const template = known.get(tenant)?.desk.templates.find(({ id }) => id === data.templateId);
          return sourcesOf(data, template?.grounds ?? []).map((sourceId) => ({ tenant, sourceId }));
        }),
        hourMax: Math.max(0, ...caps.map(({ capPerHour }) => capPerHour)),
        dayMax: Math.max(0, ...caps.map(({ capPerCustomerPerDay }) => capPerCustomerPerDay)),
      });
      return { desks: known, ...facts };
    },
    decide: (event, state, { now }) =>
      decideProposal(event, asKnownThen(event, state, before()), { now, links, publicUrl }),
    evolve: afterProposal,
    save: (rows) => {
      const audit = appendAudit(rows.flatMap((row) => row.audit ?? []));
      return {
        writes: [
          insertDispositions(rows.flatMap((row) => row.disposition ?? [])),
          insertReviews(rows.map(({ review }) => review)),
          rememberTickets(rows.map(({ review }) => review)),
          ...audit.writes,
        ],
        guards: audit.guards,
      };
    },
    turn: AUDIT_TURN,
  });
