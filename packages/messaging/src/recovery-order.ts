import type { Decided } from "./published-facts.ts";

/** An input that a restored slice does not know. */
export interface LostInput {
  readonly eventId: string;
  /** `<service>.<handler>` */
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the log took it, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly subject: string | undefined;
}

interface Placed<Input> {
  readonly input: Input;
  /** The clock of its decision. */
  readonly now: string;
}

/** Inputs of one handler that may be handled together. */
export interface Step<Input> {
  readonly consumer: string;
  readonly inputs: readonly Placed<Input>[];
  /** Jobs that earlier steps sent must have ended. */
  readonly afterJobs: boolean;
}

const STEP_MAX = 200;

/**
 * The order in which inputs were decided about. Topics have no order between them, and an approval must not be overtaken
 * by the message that came after it: so an input stands at the time that its own events carry, and one that led to none
 * at the time when the log took it, but never before what precedes it in its partition.
 */
export function recoveryOrder<Input extends LostInput>(
  inputs: readonly Input[],
  decided: (eventId: string) => Decided | undefined,
): readonly Step<Input>[] {
  const places = new Map<string, number>();
  const placed = inputs
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
    .map((input) => {
      const known = decided(input.eventId);
      const partition = `${input.topic}/${input.partition}`;
      const decidedAt = known === undefined ? input.timestamp : Date.parse(known.now);
      const at = Math.max(decidedAt, places.get(partition) ?? 0);
      places.set(partition, at);
      return {
        input,
        at,
        now: known?.now ?? new Date(input.timestamp).toISOString(),
        lane: input.subject ?? known?.subject,
      };
    })
    .toSorted((a, b) => a.at - b.at || a.input.timestamp - b.input.timestamp);

  const steps: { consumer: string; inputs: Placed<Input>[]; afterJobs: boolean }[] = [];
  // Tickets whose jobs may still run; what is about no ticket may be about all of them.
  const busy = new Set<string>();
  let everything = true;
  for (const { input, lane, now } of placed) {
    const afterJobs = everything || lane === undefined || busy.has(lane);
    if (afterJobs) busy.clear();
    everything = lane === undefined;
    if (lane !== undefined) busy.add(lane);
    const last = steps.at(-1);
    if (last === undefined || afterJobs || last.consumer !== input.consumer || last.inputs.length >= STEP_MAX)
      steps.push({ consumer: input.consumer, inputs: [{ input, now }], afterJobs });
    else last.inputs.push({ input, now });
  }
  return steps;
}
