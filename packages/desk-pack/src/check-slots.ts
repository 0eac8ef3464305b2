import { didYouMean, quoted } from "./nearest.ts";
import type { Page } from "./front-matter.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { Report } from "./problems.ts";
import { isText, select } from "./select.ts";

/** What the desk itself can fill in. */
export const SYSTEM_SLOTS = ["customer_name", "reference", "desk_name"] as const;

const MARK = /\{\{([^{}\n]*)\}\}/g;
const BODY_MAX = 8_000;

/** Reports slots that a template marks without declaring, declares without marking, or cannot be filled. */
export function checkSlots(files: ReadFiles, report: Report): void {
  for (const page of files.pages("template")) {
    if (page.body.length > BODY_MAX)
      report(
        page.file,
        page.bodyLine,
        "value_invalid",
        `The text has ${page.body.length} characters; at most ${BODY_MAX} are allowed.`,
      );
    else checkMarks(page, report);
    checkProvenance(page, report);
  }
}

function checkMarks(page: Page, report: Report): void {
  const declared = select(page, "/slots/*/name").filter(isText);
  const names = declared.map(({ value }) => value);
  const used = new Set<string>();
  page.body.split("\n").forEach((text, i) => {
    const line = page.bodyLine + i;
    for (const [mark, inner = ""] of text.matchAll(MARK)) {
      const name = inner.trim();
      used.add(name);
      if (mark !== `{{${name}}}` || name === "")
        report(page.file, line, "slot_malformed", `${quoted(mark)} is not a slot. Write {{name}} without spaces.`);
      else if (!names.includes(name))
        report(
          page.file,
          line,
          "slot_undeclared",
          () => `The slot ${quoted(name)} is not declared under "slots".${didYouMean(name, names)}`,
        );
    }
    if (/\{\{|\}\}/.test(text.replaceAll(MARK, "")))
      report(page.file, line, "slot_malformed", "Braces without a partner. A slot is written {{name}}, on one line.");
  });
  for (const { file, line, value } of declared) {
    if (!used.has(value))
      report(file, line, "slot_unused", `The text never uses {{${value}}}. Use it or remove the slot.`);
  }
}

function checkProvenance(page: Page, report: Report): void {
  for (const { file, line, pointer, value } of select(page, "/slots/*/provenance")) {
    const parent = pointer.slice(0, pointer.lastIndexOf("/"));
    const name = select(page, `${parent}/name`).find(isText)?.value ?? "";
    const about = select(page, `${parent}/about/*`).length;
    const say = (message: string) => report(file, line, "slot_invalid", message);
    if (value === "customer" || value === "model")
      say(
        `A template's slot may not hold ${value} data: the gate would refuse every draft. Use system, knowledge or verified.`,
      );
    if (value === "system" && !(SYSTEM_SLOTS as readonly string[]).includes(name))
      say(`The desk cannot fill ${quoted(name)}. System slots are ${SYSTEM_SLOTS.join(", ")}.`);
    if (value === "knowledge" && about === 0)
      say(`A knowledge slot needs "about": words that the quoted sentence must be about.`);
    if (value !== "knowledge" && about > 0) say('Only a knowledge slot has "about".');
  }
}
