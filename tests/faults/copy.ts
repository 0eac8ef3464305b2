import { temporaryFolder } from "@opsdesk/servers";
import { root } from "../../scripts/checkout.mjs";
import { run } from "../stack/command.ts";

/** A checkout of its own, with its packages. */
export interface Copy {
  readonly folder: string;
  remove(): Promise<void>;
}

/** What is committed as `ref`, with a patch on top of it. */
export async function checkOut(ref: string, patch?: string): Promise<Copy> {
  const folder = temporaryFolder();
  const remove = (): Promise<void> => run("git", ["worktree", "remove", "--force", folder], root);
  await run("git", ["worktree", "add", "--detach", "--force", folder, ref], root);
  try {
    if (patch !== undefined) await run("git", ["apply", patch], folder);
    await run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], folder);
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}
