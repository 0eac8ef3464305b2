import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BugError, RejectedError, TransientError } from "@opsdesk/errors";
import { newId, sha256Hex } from "@opsdesk/identity";
import { BLOB_BYTES_MAX, type Blobs, parseRef } from "./index.ts";

/** Blobs as files under a folder. */
export function fileBlobs(folder: string): Blobs {
  return {
    async put(tenant, content) {
      if (content.byteLength > BLOB_BYTES_MAX)
        throw new RejectedError("blob_too_large", `${content.byteLength} bytes are more than 25 MiB`);
      const sha256 = sha256Hex(content);
      const ref = `${tenant}/${sha256}`;
      if (parseRef(ref) === undefined) throw new RejectedError("tenant_invalid", `not a tenant: ${tenant}`);
      const path = join(folder, ref);
      const known = await stat(path).catch(() => undefined);
      if (known?.size !== content.byteLength) await write(path, content).catch(unavailable);
      return { ref, sha256, bytes: content.byteLength };
    },
    async get(ref) {
      const parts = parseRef(ref);
      if (parts === undefined) return undefined;
      const content = await readFile(join(folder, ref)).catch((error: unknown) => {
        // By its code alone: inside a test's realm Node's own errors are not instances of its Error.
        if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return undefined;
        return unavailable(error);
      });
      if (content !== undefined && sha256Hex(content) !== parts.sha256)
        throw new BugError("blob_corrupt", `blob ${ref} has lost its hash`);
      return content;
    },
  };
}

/** Written aside, synced and renamed: a kill or a full disk leaves no half a blob under its final name. */
async function write(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${newId()}`;
  try {
    const file = await open(aside, "wx");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A disk that is full, away or failing may be mended: whoever asked tries again. */
const PASSING = new Set(["ENOSPC", "EDQUOT", "EIO", "EMFILE", "ENFILE", "EROFS", "ESTALE", "EACCES"]);

function unavailable(error: unknown): never {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (!PASSING.has(code)) throw error;
  throw new TransientError("blob_unavailable", `the blob store cannot serve now (${code})`, { cause: error });
}
