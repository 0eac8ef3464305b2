import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { client } from "@opsdesk/opsdesk/client";
import { applySampleDesk, createBusiness } from "@opsdesk/opsdesk/sample";
import { type Stack, startStack } from "../stack/stack.ts";
import { type Crm, startCrm } from "./crm.ts";
import { mountSmallDisk } from "./full-disk.ts";
import type { Judgement } from "./judge.ts";
import { untilTaken } from "./patience.ts";
import { pick, seeded, shuffled } from "./random.ts";
import { copiesDiffer, judgeStack } from "./stack-judge.ts";
import { disposed, recovered } from "./stack-recovery.ts";
import { approve, enquiryOf, plan, untilRest } from "./traffic.ts";
import type { Fault, World } from "./stack-world.ts";

export interface StackFlowOptions {
  readonly seed: number;
  readonly texts: readonly string[];
  readonly faults: readonly Fault[];
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface StackFlowReport extends Judgement {
  readonly seed: number;
  readonly tickets: number;
  readonly seconds: number;
  readonly ticketsPerSecond: number;
  /**
   * Seconds from the moment that a fault is mended until an enquiry sent then has its disposition, and has come to
   * whatever the fault had stood in the way of.
   */
  readonly recoverySeconds: Readonly<Record<string, number>>;
}

/** What a flow that was interrupted goes on from. */
interface Progress {
  /** The first enquiry that nobody has begun. */
  next: number;
  /** Those that were begun and are not done: each has up to three requests. */
  open: readonly number[];
  /** Texts of what faults sent besides, noted before each was sent. */
  extras: string[];
  struck: Record<string, number>;
  violations: string[];
  parked: string[];
  apiKey?: string;
}

const WORKERS = 96;
const NOTHING_MORE = { again: 0, approved: false };

/**
 * One flow of enquiries through the whole stack that meets every fault once, in an order and at moments that follow
 * from the seed. A fault strikes while enquiries arrive and earlier ones are being worked on; the next waits for it.
 */
export async function runStackFlow(options: StackFlowOptions): Promise<StackFlowReport> {
  const { folder, say, seed, texts } = options;
  const random = seeded(seed);
  const disk = options.faults.some(({ needsSmallDisk }) => needsSmallDisk)
    ? await mountSmallDisk(join(folder, "blobs"))
    : undefined;
  const file = join(folder, "progress.json");
  const progress: Progress = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Progress)
    : { next: 0, open: [], extras: [], struck: {}, violations: [], parked: [] };
  const open = new Set(progress.open);
  const keep = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify({ ...progress, open: [...open] }));
    renameSync(`${file}.new`, file);
  };
  let crm: Crm | undefined;
  let stack: Stack | undefined;
  const more: { stop(): Promise<unknown> }[] = [];
  const startedAt = performance.now();
  try {
    stack = await startStack({
      folder,
      say,
      ownServers: true,
      environment: { LOG_LEVEL: "warn", WEBHOOK_TIMEOUT_MS: "3000" },
      async receiver(secret) {
        crm = await startCrm(secret, folder);
        return crm.address;
      },
    });
    if (crm === undefined) throw new TypeError("the stack runs without its CRM");
    const running = stack;
    const apiKey = (progress.apiKey = await createBusiness(running.installation, undefined, progress.apiKey));
    keep();
    const desk = client(running.gateway.url, apiKey);
    await applySampleDesk(desk, crm.url, say);

    // What was on its way when the flow was interrupted is sent again: the same id is the same enquiry.
    const begun = [...progress.open];
    let accepted = progress.next - begun.length;
    const plans = texts.map(() => plan(random));
    const order = shuffled(options.faults, random).filter((fault) => progress.struck[fault.name] === undefined);
    const segment = (texts.length - accepted) / (order.length + 1);
    const first = accepted;
    const moments = order.map((_, n) => first + Math.floor((n + 0.3 + 0.6 * random()) * segment));

    const submit = (id: string, text: string) =>
      untilTaken(() =>
        desk.send<{ reference: string; ticketId: string }>("POST", "/v1/enquiries", enquiryOf(id, text)),
      );
    const world: World = {
      stack: running,
      crm,
      desk,
      random,
      say,
      async submit(given = {}) {
        const text = given.text ?? pick(random, texts);
        const number = progress.extras.push(text);
        keep();
        return await submit(`extra-${number}`, text);
      },
      async replica(service, number) {
        const one = await running.replica(service, number);
        more.push(one);
        return one;
      },
      violation: (words) => void progress.violations.push(words),
      parks: (code) => void (progress.parked.includes(code) || progress.parked.push(code)),
    };

    for (const [index, text] of progress.extras.entries()) await submit(`extra-${index + 1}`, text);

    let striking: Promise<void> = Promise.resolve();
    const at = { due: 0, done: 0 };
    const strike = (fault: Fault): void => {
      striking = strikeAfter(striking, fault);
      striking.catch(() => undefined);
    };
    const strikeAfter = async (earlier: Promise<void>, fault: Fault): Promise<void> => {
      await earlier;
      const from = performance.now();
      await fault.strike(world);
      const mended = performance.now();
      await recovered(world, fault.name, [disposed, ...(fault.arrives ?? [])]);
      const seconds = (performance.now() - mended) / 1_000;
      await fault.after?.(world);
      progress.struck[fault.name] = Number(seconds.toFixed(1));
      at.done += 1;
      say(
        `${fault.name}: ${((mended - from) / 1_000).toFixed(1)} s, recovered ${seconds.toFixed(1)} s later (${accepted} accepted)`,
      );
      keep();
    };

    const take = (): number | undefined =>
      begun.shift() ?? (progress.next < texts.length ? progress.next++ : undefined);
    const worker = async (): Promise<void> => {
      for (let index = take(); index !== undefined; index = take()) {
        open.add(index);
        // Load for every fault: nobody runs ahead of the one that is due.
        while (at.due > at.done && index >= (moments[at.due] ?? Number.POSITIVE_INFINITY))
          await Promise.race([striking, sleep(200)]);
        const { again, approved } = plans[index] ?? NOTHING_MORE;
        const { reference, ticketId } = await submit(`row-${index}`, texts[index] ?? "");
        accepted += 1;
        if (at.due === at.done && at.due < moments.length && accepted >= (moments[at.due] ?? 0)) {
          const fault = order[at.due];
          at.due += 1;
          if (fault !== undefined) strike(fault);
        }
        for (let n = 1; n <= again; n += 1) {
          // The same words when it is sent again: others would be another message under the same id.
          const text = `Still waiting. ${texts[(index + n) % texts.length]}`;
          const message = { text, externalId: `again-${index}-${n}` };
          // And once more, as by a client whose first answer was lost.
          for (let time = 0; time < 2; time += 1)
            await untilTaken(() => desk.send("POST", `/v1/tickets/${reference}/messages`, message));
        }
        if (approved) await approve(desk, ticketId, index);
        open.delete(index);
      }
    };
    // In a short flow a fault's share is a few enquiries: more workers than that would run past the next.
    const workers = Math.max(2, Math.min(WORKERS, Math.floor(segment / 3)));
    await Promise.all(Array.from({ length: workers }, worker));
    const sentAt = performance.now();
    await striking;
    for (const fault of order.slice(at.due)) await strikeAfter(Promise.resolve(), fault);
    const busy = await untilRest(running, crm, say);
    if (busy.length > 0) progress.violations.push(`never came to rest: ${busy.join(", ")}`);
    const seconds = (performance.now() - startedAt) / 1_000;
    // From here on, what was interrupted is only judged.
    keep();
    say(`At rest ${((performance.now() - sentAt) / 1_000).toFixed(0)} s after the last enquiry; judging.`);

    const tickets = texts.length + progress.extras.length;
    const judgement = await judgeStack(running, {
      tickets,
      customerMessages: tickets + plans.reduce((sum, { again }) => sum + again, 0),
      received: crm.received(),
      parkedCodes: progress.parked,
    });
    const differ = await copiesDiffer(running.servers);
    await disk?.unmount();
    return {
      ...judgement,
      violations: [...progress.violations, ...judgement.violations, ...differ],
      seed,
      tickets,
      seconds: Number(seconds.toFixed(1)),
      ticketsPerSecond: Number((tickets / seconds).toFixed(1)),
      recoverySeconds: progress.struck,
    };
  } finally {
    await Promise.all(more.map((one) => one.stop()));
    await stack?.stop();
    await crm?.stop();
  }
}
