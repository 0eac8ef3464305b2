import type { LabelledText } from "@opsdesk/router";
import type { RouterTrained } from "@opsdesk/schemas/router-trained";
import { type Client, pathTo } from "../client/client.ts";
import { patiently } from "../client/patiently.ts";
import { until } from "../client/until.ts";

export type TrainingResult =
  | { readonly outcome: "trained"; readonly router: RouterTrained }
  /** The desk knew all of it. */
  | { readonly outcome: "unchanged" }
  | { readonly outcome: "failed"; readonly reason: string };

interface Kept {
  readonly position: number;
  readonly type: string;
  readonly data: unknown;
}

interface RunRecorded {
  readonly run: { readonly job: string; readonly outcome: string; readonly reason?: string };
}

/** What `POST /v1/examples` takes at once; the desk splits it into events of 200. */
const EXAMPLES_MAX = 20_000;
const TYPES = "router.trained,ai.run.recorded";

/** Sends examples and waits for what the desk has learnt from them. The last part of a set starts the training. */
export async function trainDesk(desk: Client, set: string, examples: readonly LabelledText[], timeoutSeconds: number, onSent: (count: number) => void): Promise<TrainingResult> {
  let heard = 0;
  for (let from = 0; from < examples.length; from += EXAMPLES_MAX) {
    heard = await lastPosition(desk);
    const part = examples.slice(from, from + EXAMPLES_MAX).map(({ label, text }) => ({ text, categoryId: label }));
    const name = examples.length <= EXAMPLES_MAX ? set : `${set}-${from / EXAMPLES_MAX}`;
    await patiently(() => desk.send("POST", "/v1/examples", { set: name, examples: part }));
    onSent(Math.min(from + EXAMPLES_MAX, examples.length));
  }
  return await until("new router", timeoutSeconds, async () => {
    // Asked first: what a desk at rest has to say of it can be read afterwards.
    const rests = await isIdle(desk);
    const [result] = (await eventsAfter(desk, heard)).flatMap(resultOf);
    return result ?? (rests ? { outcome: "unchanged" } : undefined);
  });
}

function resultOf({ data, type }: Kept): readonly TrainingResult[] {
  // Both were checked against their contracts before they were kept.
  if (type === "router.trained") return [{ outcome: "trained", router: data as RouterTrained }];
  const { run } = data as RunRecorded;
  return run.job === "router.train" && run.outcome === "failed" ? [{ outcome: "failed", reason: run.reason ?? "no reason given" }] : [];
}

const isIdle = (desk: Client): Promise<boolean> =>
  desk.get("/idlez").then(
    () => true,
    () => false,
  );

async function eventsAfter(desk: Client, position: number): Promise<readonly Kept[]> {
  const { items } = await patiently(() => desk.get<{ items: readonly Kept[] }>(pathTo(["v1", "events"], { type: TYPES, cursor: position, limit: 200 })));
  return items;
}

async function lastPosition(desk: Client): Promise<number> {
  let position = 0;
  for (;;) {
    const items = await eventsAfter(desk, position);
    const last = items.at(-1);
    if (last === undefined) return position;
    position = last.position;
  }
}
