import type { ComposeFile, Surroundings } from "./compose-file.ts";

const upper = (service: string): string => service.toUpperCase().replaceAll("-", "_");

/** Every service runs, under its own login, which the migration makes. */
function serviceProblems(file: ComposeFile, { services }: Surroundings): readonly string[] {
  const migrate = file.services["migrate"]?.environment ?? {};
  return services.flatMap((service) => {
    const program = `services/${service}/src/main.ts`;
    const found = Object.values(file.services).find(({ command }) => command?.includes(program) === true);
    const password = `${upper(service)}_DATABASE_PASSWORD`;
    const login = `postgres://${upper(service).toLowerCase()}_app:\${${password}}@`;
    if (found === undefined) return [`nothing runs ${program}`];
    return [
      ...(String(found.environment?.[`${upper(service)}_DATABASE_URL`] ?? "").startsWith(login)
        ? []
        : [`${service}: ${upper(service)}_DATABASE_URL does not begin with ${login}`]),
      ...(Object.hasOwn(migrate, password) ? [] : [`migrate: does not make the login of ${service}: ${password}`]),
    ];
  });
}

function unusedVolumes(file: ComposeFile): readonly string[] {
  const used = new Set(
    Object.values(file.services).flatMap(({ volumes = [] }) => volumes.map((one) => one.split(":")[0])),
  );
  return Object.keys(file.volumes ?? {})
    .filter((name) => !used.has(name))
    .map((name) => `volume ${name} is declared and nothing mounts it`);
}

/** The client's own, and the key of which services are given the hash. */
const NOT_OF_THE_FILE = ["COMPOSE_PROFILES", "OPSDESK_INSTALL_KEY"];

/** Each variable that the file takes is explained in `.env.example`, and the other way round. */
function exampleProblems(text: string, { example }: Surroundings): readonly string[] {
  const taken = new Set([...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = ""]) => name));
  const told = new Set([...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = ""]) => name));
  return [
    ...[...taken]
      .filter((name) => !told.has(name))
      .map((name) => `.env.example: does not name ${name}, which docker-compose.yml takes`),
    ...[...told]
      .filter((name) => !taken.has(name) && !NOT_OF_THE_FILE.includes(name))
      .map((name) => `.env.example: names ${name}, which docker-compose.yml does not take`),
  ];
}

/** Beside what always runs; what each is for is in docs/deploy.md. */
const PROFILES = ["events", "graph", "observability", "recover", "search", "workers"];

function profileProblems(file: ComposeFile): readonly string[] {
  const found = new Set(Object.values(file.services).flatMap(({ profiles = [] }) => profiles));
  return [
    ...PROFILES.filter((name) => !found.has(name)).map((name) => `profile ${name} has no container`),
    ...[...found].filter((name) => !PROFILES.includes(name)).map((name) => `profile ${name} is none that is known`),
  ];
}

export const fileProblems = (file: ComposeFile, text: string, around: Surroundings): readonly string[] => [
  ...serviceProblems(file, around),
  ...unusedVolumes(file),
  ...profileProblems(file),
  ...exampleProblems(text, around),
];
