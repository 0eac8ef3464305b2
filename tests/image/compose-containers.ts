import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCompose } from "../../scripts/compose/compose-file.ts";

type Variables = Readonly<Record<string, string>>;

/** What compose would start a container of our image with. */
export interface OurContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment: Variables;
}

/** `.env`'s lines. */
export const variablesFrom = (text: string): Variables =>
  Object.fromEntries(
    [...text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
  );

/** `${A}`, `${A:-instead}`, `${A-instead of nothing at all}` and `${A:?why it must be}`, as compose fills them in. */
function filledIn(text: string, variables: Variables): string {
  return text.replaceAll(
    /\$\{([A-Z][A-Z0-9_]*)(?:(:?[-?])([^}]*))?\}/g,
    (_all, name: string, kind: string | undefined, rest: string) => {
      const value = variables[name] ?? "";
      const missing = kind?.startsWith(":") === true ? value === "" : variables[name] === undefined;
      if (missing && kind?.endsWith("?") === true) throw new Error(`${name}: ${rest}`);
      return missing && kind?.endsWith("-") === true ? rest : value;
    },
  );
}

/** The profile of what an operator runs by hand. */
const BY_HAND = "recover";

/** Every container of our image that starts by itself or is run by hand, with its variables filled in. */
export function ourContainers(checkout: string, variables: Variables): readonly OurContainer[] {
  const { file, problems } = readCompose(readFileSync(join(checkout, "docker-compose.yml"), "utf8"));
  if (file === undefined) throw new Error(problems.join("\n"));
  return Object.entries(file.services).flatMap(([name, { image = "", profiles = [], command, environment = {} }]) =>
    image.startsWith("opsdesk:") && profiles.every((profile) => profile === BY_HAND) && typeof command === "object"
      ? [
          {
            name,
            command: command.map((word) => filledIn(word, variables)),
            environment: Object.fromEntries(
              Object.entries(environment).map(([key, value]) => [key, filledIn(String(value ?? ""), variables)]),
            ),
          },
        ]
      : [],
  );
}
