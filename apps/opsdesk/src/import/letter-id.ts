import { sha256Hex } from "@opsdesk/identity";

const ID_MAX = 200;

/** The id under which a desk keeps a letter: its Message-ID, or its content where it has none. */
export function letterId(raw: Uint8Array): { readonly externalId: string; readonly namedByContent: boolean } {
  const head =
    Buffer.from(raw)
      .toString("latin1")
      .split(/\r?\n\r?\n/, 1)[0] ?? "";
  const id = /^message-id:[ \t]*(.+)$/im.exec(head.replaceAll(/\r?\n[ \t]+/g, " "))?.[1]?.trim();
  if (id === undefined || id === "") return { externalId: `sha256:${sha256Hex(raw)}`, namedByContent: true };
  return { externalId: id.length <= ID_MAX ? id : `sha256:${sha256Hex(id)}`, namedByContent: false };
}
