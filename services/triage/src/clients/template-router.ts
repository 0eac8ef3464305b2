import type { Blobs } from "@opsdesk/blobs";
import { TransientError } from "@opsdesk/errors";
import { type Route, type RouterModel, parseRouter, route } from "@opsdesk/router";

export const TEMPLATE_ROUTER = "demo-template-router-v1";

const MODELS_MAX = 16;
const READ_CHARACTERS_MAX = 4_000;
const NO_COST = { inputTokens: 0, outputTokens: 0, costMicros: 0 } as const;

interface RouterInput {
  readonly subject: string;
  readonly text: string;
  readonly router: { readonly modelId: string; readonly artefactRef: string } | null;
}

/** What is written down: the router only chooses among labels, the rules say all the rest. */
export interface WrittenRules<Triage extends RouterInput, Draft> {
  readonly routingText: (subject: string, text: string) => string;
  /** `routed` is undefined before the first training. */
  readonly triage: (input: Triage, routed: Route | undefined) => unknown;
  readonly draft: (input: Draft) => unknown;
}

/**
 * The deterministic model: the same input, rules and artefact give the same answer, without credentials and for
 * nothing. Artefacts never change, so each is read once and kept by its id.
 */
export function templateRouter<Triage extends RouterInput, Draft>(blobs: Blobs, rules: WrittenRules<Triage, Draft>) {
  const models = new Map<string, Promise<RouterModel>>();

  async function read(artefactRef: string): Promise<RouterModel> {
    const artefact = await blobs.get(artefactRef);
    if (artefact === undefined)
      throw new TransientError("router_unavailable", `the router artefact ${artefactRef} is not there`);
    return parseRouter(artefact);
  }

  function modelFor({ artefactRef, modelId }: NonNullable<RouterInput["router"]>): Promise<RouterModel> {
    const kept = models.get(modelId);
    if (kept !== undefined) return kept;
    const oldest = models.keys().next();
    if (models.size >= MODELS_MAX && oldest.done !== true) models.delete(oldest.value);
    const reading = read(artefactRef);
    models.set(modelId, reading);
    // A failure is not kept: the next ticket tries again.
    reading.catch(() => models.delete(modelId));
    return reading;
  }

  return {
    name: TEMPLATE_ROUTER,
    promptVersion: TEMPLATE_ROUTER,
    async triage(input: Triage) {
      const { router, subject, text } = input;
      if (router === null) return { output: rules.triage(input, undefined), usage: NO_COST };
      const model = await modelFor(router);
      const routed = route(model, rules.routingText(subject, text).slice(0, READ_CHARACTERS_MAX));
      return {
        output: rules.triage(input, routed),
        usage: NO_COST,
        promptVersion: `${TEMPLATE_ROUTER}/${router.modelId}`,
      };
    },
    async draft(input: Draft) {
      return { output: rules.draft(input), usage: NO_COST };
    },
  };
}
