import type { ComposeFile, Container, Surroundings } from "./compose-file.ts";

type Rule = (name: string, container: Container, file: ComposeFile, around: Surroundings) => readonly string[];

const OURS = /^opsdesk:/;
/** Three numbers, or two and a date: what a registry does not move. */
const EXACT_TAG = /:v?\d+\.\d+(\.\d+)?[\w.-]*(@sha256:[0-9a-f]{64})?$/;

/** Runs once and ends; its exit code says whether it is well. */
const isOnce = (container: Container): boolean => container.restart === "no";

const isWatched = ({ healthcheck }: Container): boolean =>
  healthcheck?.test !== undefined && healthcheck.disable !== true;

const hasHealthCheck: Rule = (_name, container) =>
  isOnce(container) || isWatched(container) ? [] : ["has no health check"];

const isPinned: Rule = (_name, { image = "" }, _file, { version }) => {
  if (OURS.test(image)) return image === `opsdesk:${version}` ? [] : [`image ${image} is not of version ${version}`];
  return EXACT_TAG.test(image) ? [] : [`image "${image}" has no exact tag`];
};

const isLeastPrivileged: Rule = (_name, container) => [
  ...(container.cap_drop?.includes("ALL") === true ? [] : ["keeps capabilities: cap_drop must be [ALL]"]),
  ...(container.security_opt?.includes("no-new-privileges:true") === true ? [] : ["lacks no-new-privileges"]),
  ...(container.privileged === true ? ["is privileged"] : []),
  ...(container.network_mode === undefined ? [] : [`has network_mode ${container.network_mode}`]),
];

/** A port without an address is open to every network this machine is in. */
const isPublishedHere: Rule = (_name, { ports = [] }) =>
  ports
    .filter((port) => !/^(127\.0\.0\.1:|\$\{[A-Z_]+:-127\.0\.0\.1:\d+\}:)/.test(port))
    .map((port) => `port ${port} is published beyond this machine`);

const hasItsVolumes: Rule = (_name, { volumes = [] }, file, { exists }) =>
  volumes.flatMap((volume) => {
    const [source = "", , mode] = volume.split(":");
    if (!source.startsWith("."))
      return source.startsWith("/")
        ? [`volume ${volume} is a folder of this machine`]
        : Object.hasOwn(file.volumes ?? {}, source)
          ? []
          : [`volume ${source} is not declared`];
    return [
      ...(exists(source) ? [] : [`${source} does not exist`]),
      ...(mode === "ro" ? [] : [`${source} is mounted writable`]),
    ];
  });

const hasKnownSettings: Rule = (_name, { image = "", environment = {} }, _file, { knowsSetting }) =>
  OURS.test(image)
    ? Object.keys(environment)
        .filter((setting) => !knowsSetting(setting))
        .map((setting) => `${setting} is no setting; see scripts/configuration/settings.ts`)
    : [];

const SECRET = /(PASSWORD|SECRET|TOKEN|_KEY|NEO4J_AUTH)/;
/** From the environment, and nothing in its place: `${A}`, `${A:-}`, `${A:?why}`. */
const GIVEN = /\$\{[A-Z0-9_]+(:-|:\?[^}]*)?\}/;

const holdsNoSecret: Rule = (_name, { environment = {} }) =>
  Object.entries(environment)
    .filter(([name, value]) => {
      const text = String(value ?? "");
      const inAddress = /:\/\/[^/]*:([^@/]*)@/.exec(text.replaceAll(/\$\{[^}]*\}/g, ""))?.[1] ?? "";
      return (SECRET.test(name) && !GIVEN.test(text)) || inAddress !== "";
    })
    .map(([name]) => `${name} holds a secret that is not from the environment`);

const dependsOnWhatIs: Rule = (_name, { depends_on = {}, profiles = [] }, file) =>
  Object.entries(depends_on).flatMap(([name, { condition, required = true }]) => {
    const other = file.services[name];
    if (other === undefined) return [`depends on ${name}, which there is not`];
    const starts =
      (other.profiles ?? []).length === 0 || other.profiles?.some((one) => profiles.includes(one)) === true;
    return [
      ...(starts || !required ? [] : [`depends on ${name}, which its profiles do not start`]),
      ...(condition === "service_healthy" && !isWatched(other)
        ? [`waits for the health of ${name}, which has none`]
        : []),
      ...(condition === "service_completed_successfully" && !isOnce(other)
        ? [`waits for the end of ${name}, which runs on`]
        : []),
    ];
  });

const rules: readonly Rule[] = [
  hasHealthCheck,
  isPinned,
  isLeastPrivileged,
  isPublishedHere,
  hasItsVolumes,
  hasKnownSettings,
  holdsNoSecret,
  dependsOnWhatIs,
];

export const containerProblems = (file: ComposeFile, around: Surroundings): readonly string[] =>
  Object.entries(file.services).flatMap(([name, container]) =>
    rules.flatMap((rule) => rule(name, container, file, around).map((problem) => `${name}: ${problem}`)),
  );
