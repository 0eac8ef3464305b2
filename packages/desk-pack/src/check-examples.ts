import { quoted } from "./nearest.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { Report } from "./problems.ts";
import { type Found, isText, select, textAt } from "./select.ts";
import type { Located } from "./yaml.ts";

const plain = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, " ").trim();

/** Reports categories that a router cannot learn, and example files that belong to none. */
export function checkExamples(files: ReadFiles, report: Report): void {
  const owned = new Set<string>();
  for (const located of files.yaml("categories")) {
    const labels = new Map<string, { readonly category: string; readonly place: string }>();
    for (const { file, line, pointer } of select(located, "/categories/*")) {
      const category = textAt(located, `${pointer}/id`) ?? "";
      const named = textAt(located, `${pointer}/examplesFile`);
      if (named !== undefined) owned.add(named);
      const listed = files.yaml("examples").find((one) => one.file === named);
      if (named !== undefined && listed === undefined && !files.unread.has("examples"))
        report(
          file,
          located.lineOf(`${pointer}/examplesFile`),
          "file_missing",
          `There is no file ${quoted(named)}. Add it: a list of texts.`,
        );
      const texts = [
        ...select(located, `${pointer}/examples/*`),
        ...(listed === undefined ? [] : select(listed, "/*")),
      ].filter(isText);
      if (texts.length === 0 && (named === undefined || listed !== undefined))
        report(
          file,
          line,
          "examples_missing",
          `${quoted(category)} has no examples, so nothing can be recognised as it. Add at least ten.`,
        );
      for (const text of texts) checkLabel(text, category, labels, report);
    }
  }
  if (files.yaml("categories").length > 0) checkOrphans(files.yaml("examples"), owned, report);
}

function checkLabel(
  { file, line, value }: Found & { readonly value: string },
  category: string,
  labels: Map<string, { readonly category: string; readonly place: string }>,
  report: Report,
): void {
  const earlier = labels.get(plain(value));
  if (earlier === undefined) labels.set(plain(value), { category, place: `${file}:${line}` });
  else if (earlier.category === category)
    report(file, line, "examples_twice", `The same example is at ${earlier.place}. Remove one.`);
  else
    report(
      file,
      line,
      "example_conflict",
      `The same text is an example of ${quoted(earlier.category)} at ${earlier.place}. Keep it in one category.`,
    );
}

function checkOrphans(examples: readonly Located[], owned: ReadonlySet<string>, report: Report): void {
  for (const { file } of examples) {
    if (!owned.has(file))
      report(
        file,
        1,
        "file_unknown",
        `No category names this file. Add "examplesFile: ${file}" to one in categories.yaml.`,
      );
  }
}
