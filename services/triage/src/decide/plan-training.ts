import { prefixedId } from "@opsdesk/identity";
import type { NewEvent } from "@opsdesk/messaging/outcome";
import { type LabelledText, trainingHashOf } from "@opsdesk/router";
import type { Desk } from "@opsdesk/schemas/desk";
import type { RouterTrained } from "@opsdesk/schemas/router-trained";

export interface KnownRouter {
  readonly modelId: string;
  readonly trainingHash: string;
}

export type TrainingPlan<Known extends KnownRouter> =
  | {
      readonly plan: "train";
      readonly modelId: string;
      readonly trainingHash: string;
      readonly examples: readonly LabelledText[];
    }
  /** The same examples made a model before, which is not the one in use. */
  | { readonly plan: "use_again"; readonly router: Known }
  | { readonly plan: "nothing"; readonly reason: "same_examples" | "examples_missing" };

/**
 * What a desk's examples ask for. Examples of a category that the desk no longer has are left out: their label could
 * only be refused. Equal examples and seed make equal artefacts, so they are never trained twice.
 */
export function planTraining<Known extends KnownRouter>(
  tenant: string,
  desk: Desk,
  examples: readonly { readonly text: string; readonly categoryId: string }[],
  routers: readonly Known[],
  seed: number,
): TrainingPlan<Known> {
  const categories = new Set(desk.categories.map(({ id }) => id));
  const labelled = examples
    .filter(({ categoryId }) => categories.has(categoryId))
    .map(({ categoryId, text }) => ({ text, label: categoryId }));
  if (labelled.length === 0) return { plan: "nothing", reason: "examples_missing" };
  const trainingHash = trainingHashOf(labelled, seed);
  const [inUse] = routers;
  if (inUse?.trainingHash === trainingHash) return { plan: "nothing", reason: "same_examples" };
  const router = routers.find((one) => one.trainingHash === trainingHash);
  if (router !== undefined) return { plan: "use_again", router };
  return { plan: "train", modelId: prefixedId("rtm", `${tenant}:${trainingHash}`), trainingHash, examples: labelled };
}

export const routerTrained = (tenant: string, data: RouterTrained): NewEvent => ({
  type: "router.trained",
  key: tenant,
  data,
});
