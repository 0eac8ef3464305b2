import { quoted } from "./nearest.ts";
import type { ReadFiles } from "./pack-files.ts";
import type { Report } from "./problems.ts";
import { isText, select, textAt } from "./select.ts";
import { type Located, pointerTo } from "./yaml.ts";

const SECRET_KEY = /secret|token|passw|api[-_]?key|credential|authori[sz]ation|bearer|private[-_]?key|^headers$/i;
const SECRET_VALUE =
  /\b(?:whsec_|odk_|sk-|sk_|ghp_|xox[abp]-|AKIA)[\w+/=-]{8,}|-----BEGIN|\b(?:Bearer|Basic) [\w+/=.-]{12,}/;
const SECRET_QUERY = /^(?:.*[-_])?(?:secret|token|key|password|signature|sig)$/i;

/** Reports endpoint addresses that nothing should be sent to, and whatever looks like a secret. */
export function checkIntegrations(files: ReadFiles, report: Report): void {
  for (const located of files.yaml("integrations")) {
    const seen = new Set<string>();
    const secret = (pointer: string, what: string, name: string) => {
      const line = located.lineOf(pointer);
      if (seen.has(`${line}`)) return;
      seen.add(`${line}`);
      report(
        located.file,
        line,
        "secret_in_file",
        `${what} Secrets never go into a pack: set ${variableFor(name)} instead, and replace a secret that was written here.`,
      );
    };
    findSecrets(located, located.value, "", secret);
    for (const { file, line, pointer, value } of select(located, "/endpoints/*/url").filter(isText)) {
      const fault = faultOf(value);
      if (fault !== undefined) report(file, line, fault[0], fault[1]);
      const url = URL.parse(value);
      const hidden =
        url !== null &&
        (url.username !== "" ||
          url.password !== "" ||
          [...url.searchParams.keys()].some((key) => SECRET_QUERY.test(key)));
      if (hidden) secret(pointer, "The address carries a user name, a password or a key.", nameNear(located, pointer));
    }
  }
}

const variableFor = (name: string): string =>
  `OPSDESK_ENDPOINT_SECRET_<BUSINESS>__${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;

const nameNear = (located: Located, pointer: string): string =>
  textAt(located, `${pointer.split("/").slice(0, 3).join("/")}/name`) ?? "<NAME>";

/** Depth is bounded: the YAML reader refuses deep files. */
function findSecrets(
  located: Located,
  value: unknown,
  pointer: string,
  secret: (pointer: string, what: string, name: string) => void,
): void {
  if (typeof value === "string" && SECRET_VALUE.test(value))
    secret(pointer, "This looks like a secret.", nameNear(located, pointer));
  if (typeof value !== "object" || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    const at = pointerTo(pointer, key);
    if (SECRET_KEY.test(key)) secret(at, `${quoted(key)} looks like a secret.`, nameNear(located, at));
    findSecrets(located, child as unknown, at, secret);
  }
}

function faultOf(value: string): readonly ["url_invalid" | "url_insecure", string] | undefined {
  const url = URL.parse(value);
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.hash !== "")
    return [
      "url_invalid",
      `${quoted(value)} is not a web address. Write it in full: https://crm.example.org/hooks/opsdesk.`,
    ];
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return [
      "url_insecure",
      "Webhooks go over https; http is allowed only to this machine (127.0.0.1, [::1], localhost).",
    ];
  return undefined;
}

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
