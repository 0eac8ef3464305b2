import { type Client, pathTo } from "../client/client.ts";

/** What `GET /v1/stories/{ref}` tells, as far as it is shown here. */
export interface Story {
  readonly ticketId: string;
  readonly reference: string;
  readonly channel: string | null;
  readonly customer: { readonly name: string | null };
  readonly subject: string | null;
  readonly status: string | null;
  readonly priority: string | null;
  readonly categoryId: string | null;
  readonly disposition: string | null;
  readonly dispositionReason: string | null;
  readonly owner: { readonly id: string; readonly name: string | null } | null;
  readonly totals: {
    readonly runs: number;
    readonly events: number;
    readonly webhookAttempts: number;
    readonly elapsedMs: number;
    readonly costMicros: number;
  };
  readonly steps: readonly {
    readonly step: number;
    readonly title: string;
    readonly happened: boolean;
    readonly at: string | null;
  }[];
  readonly runs: readonly {
    readonly job: string;
    readonly outcome: string;
    readonly reason?: string;
    readonly model: string;
    readonly latencyMs: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly startedAt: string;
  }[];
  readonly evidence: readonly {
    readonly citation: { readonly title: string; readonly sourceId: string };
    readonly section: string;
    readonly score: number;
    readonly quoted: boolean;
  }[];
  readonly gate: readonly GateDecision[];
  readonly webhooks: readonly {
    readonly at: string;
    readonly endpointName: string;
    readonly ofEventType: string;
    readonly outcome: string;
    readonly attempts: number;
    readonly status: number | null;
    readonly latencyMs: number | null;
    readonly code: string | null;
  }[];
  readonly actions: readonly {
    readonly at: string;
    readonly actorId: string;
    readonly actorName: string | null;
    readonly what: string;
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly type: string;
    readonly source: string;
    readonly time: string;
    readonly data: unknown;
  }[];
}

export interface GateDecision {
  readonly at: string;
  readonly verdict: "review" | "auto_send";
  readonly conversationVersion: number;
  readonly reviewId: string;
  readonly draftId: string;
  readonly reasons: readonly { readonly rule: string; readonly words: string }[];
}

export const storyOf = (desk: Client, ref: string): Promise<Story> => desk.get<Story>(pathTo(["v1", "stories", ref]));
