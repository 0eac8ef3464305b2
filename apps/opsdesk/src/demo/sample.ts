import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type DeskPack, readDeskPack } from "@opsdesk/desk-pack";
import { readFolder } from "@opsdesk/desk-pack/folder";
import { BugError, TransientError } from "@opsdesk/errors";
import { type Client, DeskRefusal, client } from "../client/client.ts";

const SAMPLE_DESK = fileURLToPath(new URL("../../../../desks/it-helpdesk/", import.meta.url));
export const SAMPLE_TENANT = "it-helpdesk";

/** One of each service that answers requests; ingest, which makes the key, comes first. */
const KEY_PATHS = [
  "/v1/enquiries/none/none",
  "/v1/events?limit=1",
  "/v1/knowledge/sources?limit=1",
  "/v1/evaluation/runs?limit=1",
  "/v1/webhooks/endpoints?limit=1",
] as const;
const KEY_MS_MAX = 60_000;

/**
 * Makes the sample desk's business with the installation's key, unless this key of it is known already; answers the
 * business's own API key once every service has heard of it: a key travels by event.
 */
export async function createBusiness(installation: Client, tenant = SAMPLE_TENANT, chosen?: string): Promise<string> {
  const apiKey =
    chosen !== undefined && (await isKnown(client(installation.url, chosen), KEY_PATHS[0]))
      ? chosen
      : await newBusiness(installation, tenant, chosen);
  const desk = client(installation.url, apiKey);
  const until = performance.now() + KEY_MS_MAX;
  for (const path of KEY_PATHS)
    while (!(await isKnown(desk, path))) {
      if (performance.now() > until)
        throw new TransientError("key_unknown", `${path} did not accept the new key within ${KEY_MS_MAX / 1_000} s`);
      await sleep(30);
    }
  return apiKey;
}

async function newBusiness(installation: Client, tenant: string, apiKey: string | undefined): Promise<string> {
  const asked = { id: tenant, name: "Sample IT help desk", ...(apiKey === undefined ? {} : { apiKey }) };
  return (await installation.send<{ apiKey: string }>("POST", "/v1/businesses", asked, `business:${tenant}`)).apiKey;
}

const isKnown = async (desk: Client, path: string): Promise<boolean> => {
  try {
    await desk.get(path);
    return true;
  } catch (error) {
    if (!(error instanceof DeskRefusal) || (error.status !== 401 && error.status !== 404)) throw error;
    return error.status === 404;
  }
};

/** Sends the pack with the sample CRM's real address, then waits until its knowledge and its router can be used. */
export async function applySampleDesk(
  desk: Client,
  receiverUrl: string,
  say: (line: string) => void,
  { tenant = SAMPLE_TENANT, undoSeconds = 0 }: { readonly tenant?: string; readonly undoSeconds?: number } = {},
): Promise<DeskPack> {
  const files = await readFolder(SAMPLE_DESK);
  const replace = (file: string, from: string | RegExp, to: string): void => {
    const text = files.get(file);
    if (text === undefined || text.search(from) < 0)
      throw new BugError("sample_desk_invalid", `${file} of the sample desk has another form`);
    files.set(file, text.replace(from, to));
  };
  replace("integrations.yaml", /http:\/\/127\.0\.0\.1:\d+\/\S*/, receiverUrl);
  replace("desk.yaml", `id: ${SAMPLE_TENANT}`, `id: ${tenant}`);
  replace("policy.yaml", "undoSeconds: 0", `undoSeconds: ${undoSeconds}`);
  const read = readDeskPack(files);
  if ("problems" in read)
    throw new BugError("sample_desk_invalid", `the sample desk has problems: ${JSON.stringify(read.problems)}`);
  await desk.send("PUT", "/v1/desk", { files: Object.fromEntries(files) });
  const { documents, examples } = read.pack;
  say(`Applied the sample desk: ${documents.length} documents, ${examples.length} labelled examples.`);
  await untilReady(desk, documents.length);
  return read.pack;
}

/** Some seconds on a quiet machine. */
const READY_MS_MAX = 180_000;

/** An answer needs indexed knowledge and a trained router; both follow the upload by events. */
async function untilReady(desk: Client, documents: number): Promise<void> {
  const until = performance.now() + READY_MS_MAX;
  while (performance.now() < until) {
    const trained = await desk.get<{ items: unknown[] }>("/v1/events?type=router.trained&limit=1");
    const sources = await desk.get<{ items: unknown[] }>(
      `/v1/events?type=knowledge.source_indexed&limit=${Math.max(documents, 1)}`,
    );
    if (trained.items.length > 0 && sources.items.length >= documents) return;
    await sleep(50);
  }
  throw new TransientError(
    "desk_not_ready",
    `the sample desk's knowledge or router was not ready within ${READY_MS_MAX / 1_000} s`,
  );
}
