import { type NewEvent, type Outcome, defer, done, ignore } from "@opsdesk/messaging/outcome";
import type { Scenario } from "@opsdesk/schemas/desk";
import type { EnquirySubmitted } from "@opsdesk/schemas/enquiry-submitted";
import { externalIdOf, senderOf } from "./ids.ts";
import { shadowOf } from "./shadow.ts";

export interface RunToSubmit {
  readonly tenant: string;
  readonly runId: string;
  readonly status: string;
  readonly deskVersion: number;
  readonly scenarios: readonly { readonly correlationId: string; readonly scenario: Scenario }[];
}

export interface SubmittedRun {
  readonly tenant: string;
  readonly runId: string;
  readonly submittedAt: string;
}

/**
 * Every scenario of a run becomes an enquiry to the shadow tenant. `shadowVersion` is the version of the shadow's
 * desk, undefined until it has arrived: a run waits until the shadow is what its scenarios were written for.
 */
export function submitScenarios(
  run: RunToSubmit | undefined,
  shadowVersion: number | undefined,
  now: string,
): Outcome<SubmittedRun> {
  if (run === undefined) return ignore("run_unknown");
  if (run.status !== "queued") return ignore(`run_${run.status}`);
  const { tenant, runId } = run;
  if (shadowVersion === undefined || shadowVersion < run.deskVersion)
    return defer("shadow_not_configured", {
      until: `desk:${shadowOf(tenant)}`,
      retryAfterSeconds: 2,
      giveUpAfterSeconds: 600,
    });
  return done({ rows: { tenant, runId, submittedAt: now }, events: run.scenarios.map((one) => enquiryOf(run, one)) });
}

function enquiryOf(
  { tenant, runId }: RunToSubmit,
  { correlationId, scenario }: RunToSubmit["scenarios"][number],
): NewEvent {
  const shadow = shadowOf(tenant);
  const externalId = externalIdOf(runId, scenario.id);
  const data: EnquirySubmitted = {
    channel: "email",
    from: { name: scenario.input.from.name, email: senderOf(runId, scenario.id) },
    subject: scenario.input.subject,
    text: scenario.input.text,
    externalId,
  };
  return {
    type: "enquiry.submitted",
    key: `${shadow}:${externalId}`,
    ordinal: scenario.id,
    tenant: shadow,
    correlationId,
    data,
  };
}
