import { readFile } from "node:fs/promises";
import { ERROR_CODES } from "./decide/error-codes.ts";

it("explains every error code in failure-modes.md, and no other", async () => {
  const page = await readFile(new URL("../failure-modes.md", import.meta.url), "utf8");
  const headings = [...page.matchAll(/^## (\S+)$/gm)].map((match) => match[1] ?? "");
  expect(headings.toSorted()).toEqual([...ERROR_CODES].toSorted());
});
