/** What training and reading an artefact can refuse, always as a RejectedError. */
export type RouterErrorCode =
  | "router.too_few_labels"
  | "router.example_incomplete"
  | "router.artefact_damaged"
  | "router.artefact_version_unknown";
