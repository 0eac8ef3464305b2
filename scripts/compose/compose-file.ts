import { Ajv2020 } from "ajv/dist/2020.js";
import { type Document, parseDocument } from "yaml";
import schema from "./compose-spec.json" with { type: "json" };

type Environment = Readonly<Record<string, string | number | boolean | null>>;

/** One container of the file, with the anchors merged in; only what the rules read. */
export interface Container {
  readonly image?: string;
  readonly command?: string | readonly string[];
  readonly environment?: Environment;
  readonly healthcheck?: { readonly test?: unknown; readonly disable?: boolean };
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Container>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** What the checkout holds beside the compose file, as the rules need it. */
export interface Surroundings {
  readonly version: string;
  /** Folders of services/. */
  readonly services: readonly string[];
  readonly knowsSetting: (name: string) => boolean;
  readonly exists: (path: string) => boolean;
  /** Of `.env.example`. */
  readonly example: string;
}

// Formats are of durations and the like, which the rules do not rest on; the client checks them too.
const validate = new Ajv2020({ strict: false, allErrors: true, validateFormats: false }).compile(schema);

/** The file, or why it is none: YAML errors, else what the Compose Specification's schema says. */
export function readCompose(text: string): { readonly file?: ComposeFile; readonly problems: readonly string[] } {
  const document = parseDocument(text, { merge: true, uniqueKeys: true });
  const problems = [...document.errors, ...document.warnings].map((one) => one.message);
  if (problems.length > 0) return { problems };
  const file = resolved(document);
  if (typeof file === "string") return { problems: [file] };
  if (!validate(file))
    return {
      problems: (validate.errors ?? []).map(({ instancePath, message = "", params }) =>
        `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
      ),
    };
  // The schema has been held against it.
  return { file: file as unknown as ComposeFile, problems: [] };
}

/** With aliases in place and anchors merged; an alias of nothing is found only here. */
function resolved(document: Document): object | string {
  try {
    // The limit is against files of strangers; this one merges its anchors into two dozen containers.
    return document.toJS({ maxAliasCount: -1 }) as object;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
