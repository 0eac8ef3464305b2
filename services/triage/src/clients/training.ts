import type { LabelledText } from "@opsdesk/router";

export interface TrainingRequest {
  readonly examples: readonly LabelledText[];
  readonly seed: number;
}

export interface Trained {
  readonly artefact: Uint8Array;
  readonly trainedOn: number;
  readonly categories: number;
  /** Measured on examples that a model of the same kind had not seen; n is 0 when there were too few to hold any out. */
  readonly heldOut: { readonly accuracy: number; readonly ece: number; readonly n: number };
  readonly trainingMs: number;
}

/**
 * The training port. RejectedError with the router's code (`router.too_few_labels`) when the examples cannot be
 * learned from; TransientError `trainer_unavailable` when the work was cut short.
 */
export interface Trainer {
  train(request: TrainingRequest, signal: AbortSignal): Promise<Trained>;
}

/** What a worker sends back: an error's class does not survive the way, so its code travels. */
export type WorkerReply =
  | { readonly trained: Trained }
  | { readonly refused: { readonly code: string; readonly message: string } };
