import { gcm } from "@noble/ciphers/aes.js";
import { managedNonce, randomBytes } from "@noble/ciphers/utils.js";
import { RejectedError } from "@opsdesk/errors";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, bytesToUtf8, hexToBytes, utf8ToBytes } from "@noble/ciphers/utils.js";

/** Signing secrets as text (`whsec_…`) and as they are kept. */
export interface SecretBox {
  seal(secret: string): string;
  /** Throws RejectedError `secret_unreadable` when it was sealed with another key. */
  open(sealed: string): string;
}

const FORM = "v1.";
const SECRET_BYTES = 32;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;
const PREFIX = "whsec_";

/** AES-256-GCM with a new nonce for each secret, under a key of its own derived from the operator's. */
export function secretBox(key: string): SecretBox {
  const cipher = managedNonce(gcm)(
    hkdf(sha256, utf8ToBytes(key), undefined, utf8ToBytes("opsdesk/webhook/endpoint-secrets"), 32),
  );
  return {
    seal: (secret) => `${FORM}${bytesToHex(cipher.encrypt(utf8ToBytes(secret)))}`,
    open(sealed) {
      try {
        return bytesToUtf8(cipher.decrypt(hexToBytes(sealed.slice(FORM.length))));
      } catch (cause) {
        throw new RejectedError("secret_unreadable", "an endpoint's signing secret was sealed with another key", {
          cause,
          publicMessage:
            "The endpoint's signing secret cannot be read with this OPSDESK_SECRETS_KEY: rotate it, or restore the key.",
        });
      }
    },
  };
}

export const newSecret = (): string => `${PREFIX}${btoa(String.fromCharCode(...randomBytes(SECRET_BYTES)))}`;

/** Why a text is no signing secret; undefined when it is one. */
export function secretProblem(secret: string): string | undefined {
  if (!secret.startsWith(PREFIX)) return `must begin with ${PREFIX}`;
  const encoded = secret.slice(PREFIX.length);
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded))
    return `must be ${PREFIX} and base64`;
  const bytes = atob(encoded).length;
  return bytes < SECRET_BYTES_MIN || bytes > SECRET_BYTES_MAX
    ? `must hold ${String(SECRET_BYTES_MIN)} to ${String(SECRET_BYTES_MAX)} bytes`
    : undefined;
}
