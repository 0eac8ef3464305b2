import { indexed, projectedTypes } from "./collections.ts";
import type { Field } from "./field.ts";

const PERSONAL = {
  pseudonym: "stands for a person",
  raw: "a person's words or name; only with `ANALYTICS_RAW_TEXT=on`",
} as const;

const row = (name: string, field: Field): string => {
  const type = field.many === true ? `${field.type}, many` : field.type;
  const personal = field.personal === undefined ? "no" : PERSONAL[field.personal];
  return `| \`${name}\` | ${type} | ${field.meaning} | ${field.unit ?? ""} | ${field.from} | ${personal} |`;
};

/** docs/analysts/dictionary.md. */
export const dictionary = (): string => `# Data dictionary

Every field of every index, from the same source as the mappings and the documents. Times are UTC. A field that is not
known is absent. \`fold\`, which every document but an event's also has, is the service's own and cannot be searched.

This page is written by \`node scripts/generate-analysts.ts\`.

${indexed
  .map(({ name, meaning, fields }) =>
    [
      `## opsdesk-${name}`,
      meaning,
      [
        "| field | type | meaning | unit | from | personal |",
        "| --- | --- | --- | --- | --- | --- |",
        ...Object.entries(fields).map(([field, declared]) => row(field, declared)),
      ].join("\n"),
    ].join("\n\n"),
  )
  .join("\n\n")}

## Events that are projected

${projectedTypes.map((type) => `- \`${type}\``).join("\n")}
`;
