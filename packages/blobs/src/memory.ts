import { RejectedError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import { BLOB_BYTES_MAX, type Blobs } from "./index.ts";

export function memoryBlobs(): Blobs {
  const kept = new Map<string, Uint8Array>();
  return {
    async put(tenant, content) {
      if (content.byteLength > BLOB_BYTES_MAX)
        throw new RejectedError("blob_too_large", `${content.byteLength} bytes are more than 25 MiB`);
      const sha256 = sha256Hex(content);
      const ref = `${tenant}/${sha256}`;
      kept.set(ref, content);
      return { ref, sha256, bytes: content.byteLength };
    },
    async get(ref) {
      return kept.get(ref);
    },
  };
}
