import type { ReadFiles } from "./pack-files.ts";
import { quoted } from "./nearest.ts";
import type { Report } from "./problems.ts";
import { isText, select, textAt } from "./select.ts";

/** Reports a policy that would send without an approved text, and times that cannot be. */
export function checkPolicy(files: ReadFiles, report: Report): void {
  const answered = new Set(files.pages("template").map((page) => textAt(page, "/category")));
  if (!files.unread.has("template")) {
    for (const { file, line, value } of files
      .yaml("policy")
      .flatMap((one) => select(one, "/autoSend/categories/*"))
      .filter(isText)) {
      if (!answered.has(value))
        report(
          file,
          line,
          "auto_send_without_template",
          `${quoted(value)} has no template, so nothing can be sent. Add one, or take it off this list.`,
        );
    }
  }
  for (const { file, line, value } of files
    .yaml("desk")
    .flatMap((desk) => select(desk, "/business/timeZone"))
    .filter(isText)) {
    if (!isTimeZone(value))
      report(
        file,
        line,
        "time_zone_unknown",
        `${quoted(value)} is not a time zone. Use a name such as "Europe/London".`,
      );
  }
  for (const page of files.pages("knowledge")) {
    const [from, to] = ["/validFrom", "/validTo"].map((path) => textAt(page, path));
    for (const path of ["/validFrom", "/validTo"]) {
      const given = textAt(page, path);
      if (given !== undefined && !isRealTime(given))
        report(page.file, page.lineOf(path), "value_invalid", `${quoted(given)} is not a day of the calendar.`);
    }
    if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
      report(page.file, page.lineOf("/validTo"), "time_order", '"validTo" must be later than "validFrom".');
  }
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false; // Intl's only way of saying that it does not know the zone.
  }
}

/** Date.parse takes the 31st of a short month for the 1st of the next, or gives NaN. */
function isRealTime(text: string): boolean {
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) && !Number.isNaN(Date.parse(text));
}
