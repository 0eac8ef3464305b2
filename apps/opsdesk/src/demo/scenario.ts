import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "@opsdesk/errors";
import type { Client } from "../client/client.ts";

/** The enquiry of the reference scenario, as a mail server hands it over. */
export const REFERENCE_MAIL = [
  "Message-ID: <wifi-2pm@northgate.example>",
  "From: Maya Lindqvist <maya.lindqvist@northgate.example>",
  "To: IT Service Desk <it@northgate.example>",
  "Subject: Wi-Fi drops every day at 2 pm",
  "Date: Mon, 16 Nov 2026 14:12:00 +0000",
  "MIME-Version: 1.0",
  "Content-Type: text/plain; charset=utf-8",
  "",
  "Hello,",
  "",
  "The Wi-Fi in our office drops every day at about 2 pm. It goes for ten minutes and comes back by itself.",
  "It has done so since Monday last week and we lose our video meetings each time.",
  "This is urgent. Could somebody please call me this afternoon?",
  "",
  "Maya Lindqvist",
  "",
].join("\r\n");

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
export async function storyUntil(desk: Client, satisfied: (steps: readonly Step[]) => boolean, ms: number): Promise<StorySummary> {
  const until = performance.now() + ms;
  for (;;) {
    const story = await storyOf(desk);
    if (story !== undefined && satisfied(story.steps)) return story;
    if (performance.now() > until) {
      const missing = story?.steps.filter((step) => !step.happened).map((step) => `${step.step} ${step.title}`) ?? ["the ticket itself"];
      throw new TransientError("scenario_incomplete", `after ${ms / 1_000} s this had not happened: ${missing.join("; ")}`);
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

const happened = (steps: readonly Step[], upTo: number): boolean => steps.filter((step) => step.step <= upTo).every((step) => step.happened);

/** Plays the scenario as its people would: a mail comes in, Priya reads the draft, takes over, calls, and logs the call. */
export async function playScenario(desk: Client): Promise<StorySummary> {
  await desk.mail("/v1/inbound-email", REFERENCE_MAIL);
  const waiting = await storyUntil(desk, (steps) => happened(steps, 9), 20_000);
  const { items } = await desk.get<{ items: readonly Review[] }>(`/v1/reviews?status=pending&ticket=${encodeURIComponent(waiting.ticketId)}`);
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
      command: { type: "log_contact", channel: "phone", reached: true, said: "Maya confirmed: second floor, east wing, all laptops at once. Access point 2E-4 to be checked at 14:00." },
    },
    "scenario:logged-call",
  );
  return await storyUntil(desk, (steps) => happened(steps, 10), 10_000);
}
