import type { Decided } from "./published-facts.ts";

/** An input that a restored slice does not know. */
export interface LostInput {
  readonly eventId: string;
  /** `<service>.<handler>` */
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** When the log took it, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** Who made it and when, in milliseconds since the epoch; undefined for one that cannot be read. */
  readonly made: { readonly by: string; readonly at: number } | undefined;
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
 * at the time when the log took it, but never before what precedes it: of its key in its partition, or of its ticket from
 * the same service, whose topics are stamped in any order when they are sent together. One that had to wait holds up its
 * own key only: others went on.
 */
export function recoveryOrder<Input extends LostInput>(
  inputs: readonly Input[],
  decided: (eventId: string) => Decided | undefined,
): readonly Step<Input>[] {
  const taken = takenAt(inputs);
  const places = new Map<string, number>();
  const placed = inputs
    .toSorted((a, b) => a.partition - b.partition || a.offset - b.offset)
    .map((input) => {
      const known = decided(input.eventId);
      const key = `${input.topic}/${input.partition}/${input.key ?? ""}`;
      const decidedAt = known === undefined ? (taken.get(input) ?? input.timestamp) : Date.parse(known.now);
      const at = Math.max(decidedAt, places.get(key) ?? 0);
      places.set(key, at);
      return {
        input,
        at,
        now: known?.now ?? new Date(input.timestamp).toISOString(),
        lane: input.subject ?? known?.subject,
      };
    })
    .toSorted((a, b) => a.at - b.at || madeAt(a.input) - madeAt(b.input));

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

/** When the log took each, but never before what the same service made earlier about the same ticket. */
function takenAt<Input extends LostInput>(inputs: readonly Input[]): ReadonlyMap<Input, number> {
  const places = new Map<string, number>();
  const taken = new Map<Input, number>();
  for (const input of inputs.toSorted((a, b) => madeAt(a) - madeAt(b))) {
    const { made, subject, timestamp } = input;
    if (made === undefined || subject === undefined) continue;
    const lane = `${made.by}/${subject}`;
    const at = Math.max(timestamp, places.get(lane) ?? 0);
    places.set(lane, at);
    taken.set(input, at);
  }
  return taken;
}

const madeAt = ({ made, timestamp }: LostInput): number => made?.at ?? timestamp;
