import { setTimeout as sleep } from "node:timers/promises";
import { BugError, TransientError } from "@opsdesk/errors";
import type { Scenario } from "@opsdesk/schemas/desk";
import type { Client } from "../client/client.ts";

/** The sample desk's first golden scenario is the reference scenario. */
const SCENARIO = "wifi-drops-daily-urgent-call";

/** Its enquiry, as a mail server hands it over. Throws BugError where the pack has lost it. */
export function referenceMail(scenarios: readonly Scenario[]): string {
  const scenario = scenarios.find((one) => one.id === SCENARIO);
  if (scenario === undefined) throw new BugError("scenario_missing", `the sample desk has no scenario ${SCENARIO}`);
  const { from, subject, text } = scenario.input;
  return [
    "Message-ID: <wifi-2pm@northgate.example>",
    `From: ${from.name} <${from.email ?? ""}>`,
    "To: IT Service Desk <it@northgate.example>",
    `Subject: ${subject}`,
    "Date: Mon, 16 Nov 2026 14:12:00 +0000",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "",
    ...text.split("\n"),
  ].join("\r\n");
}

export const REFERENCE = "OD-1025";

export interface Step {
  readonly step: number;
  readonly title: string;
  readonly happened: boolean;
  readonly at: string | null;
  readonly artefacts: Readonly<Record<string, unknown>>;
}

export interface StorySummary {
  readonly reference: string;
  readonly ticketId: string;
  readonly steps: readonly Step[];
}

interface Review {
  readonly id: string;
  readonly fingerprint: string;
}

/** Reads the story until it satisfies, or says what is still missing. */
async function storyUntil(
  desk: Client,
  satisfied: (steps: readonly Step[]) => boolean,
  ms: number,
): Promise<StorySummary> {
  const until = performance.now() + ms;
  for (;;) {
    const story = await storyOf(desk);
    if (story !== undefined && satisfied(story.steps)) return story;
    if (performance.now() > until) {
      const missing = story?.steps.filter((step) => !step.happened).map((step) => `${step.step} ${step.title}`) ?? [
        "the ticket itself",
      ];
      if (missing.length === 0) missing.push("the logged call");
      throw new TransientError(
        "scenario_incomplete",
        `after ${ms / 1_000} s this had not happened: ${missing.join("; ")}`,
      );
    }
    await sleep(40);
  }
}

export async function storyOf(desk: Client): Promise<StorySummary | undefined> {
  try {
    return await desk.get<StorySummary>(`/v1/stories/${REFERENCE}`);
  } catch (error) {
    if (error instanceof Error && "status" in error && error.status === 404) return undefined;
    throw error;
  }
}

/** Priya has decided and rung: the call is part of what a person did. */
export const isComplete = ({ steps }: Pick<StorySummary, "steps">): boolean =>
  steps.length === STEPS &&
  happened(steps, STEPS) &&
  steps.some(({ artefacts }) => Array.isArray(artefacts["calls"]) && artefacts["calls"].length > 0);

const STEPS = 10;
/** Far more than it takes, for a machine that is busy with other things. */
const WAIT_MS_MAX = 60_000;

const happened = (steps: readonly Step[], upTo: number): boolean =>
  steps.filter((step) => step.step <= upTo).every((step) => step.happened);

/** Plays the scenario as its people would: a mail comes in, Priya reads the draft, takes over, calls, and logs the call. */
export async function playScenario(desk: Client, mail: string): Promise<StorySummary> {
  await desk.mail("/v1/inbound-email", mail);
  const waiting = await storyUntil(desk, (steps) => happened(steps, 9), WAIT_MS_MAX);
  const { items } = await desk.get<{ items: readonly Review[] }>(
    `/v1/reviews?status=pending&ticket=${encodeURIComponent(waiting.ticketId)}`,
  );
  const [review] = items;
  if (review !== undefined) {
    await desk.send(
      "POST",
      `/v1/reviews/${review.id}/decisions?wait=10`,
      {
        decision: "take_over",
        actorId: "priya",
        fingerprint: review.fingerprint,
        note: "A call is quicker than three mails: I am ringing her now.",
        openedAt: new Date().toISOString(),
        openedEvidence: [],
      },
      `scenario:${review.id}`,
    );
  }
  await desk.send(
    "POST",
    `/v1/tickets/${REFERENCE}/commands`,
    {
      actorId: "priya",
      command: {
        type: "log_contact",
        channel: "phone",
        reached: true,
        said: "Maya confirmed: second floor, east wing, all laptops at once. Access point 2E-4 to be checked at 14:00.",
      },
    },
    "scenario:logged-call",
  );
  return await storyUntil(desk, (steps) => isComplete({ steps }), WAIT_MS_MAX);
}
