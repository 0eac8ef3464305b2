import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { installed } from "./cache.ts";
import { run, runOrThrow } from "./run.ts";

/** One at a time: Maven's own folder is not made for several at once. */
let queue: Promise<unknown> = Promise.resolve();

/** The class path of some artifacts with all that they need, downloaded once. */
export async function jars(name: string, coordinates: readonly string[]): Promise<string> {
  const folder = await installed(name, (staging) => {
    const work = queue.then(() => download(name, coordinates, staging));
    queue = work.catch(() => undefined);
    return work;
  });
  const files = (await readdir(folder)).filter((file) => file.endsWith(".jar")).toSorted();
  return files.map((file) => join(folder, file)).join(":");
}

export async function mavenMissing(name: string): Promise<string | undefined> {
  const { code } = await run("mvn", ["--version"]);
  return code === 0 ? undefined : `install Apache Maven (mvn), which downloads ${name}`;
}

async function download(name: string, coordinates: readonly string[], staging: string): Promise<void> {
  process.stderr.write(`downloading ${name} with Maven…\n`);
  const startedAt = Date.now();
  await writeFile(join(staging, "pom.xml"), pom(coordinates));
  await runOrThrow(
    "mvn",
    ["--quiet", "--batch-mode", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=jars"],
    { cwd: staging },
  );
  const files = await readdir(join(staging, "jars"));
  for (const file of files) await rename(join(staging, "jars", file), join(staging, file));
  for (const rest of ["jars", "target"]) await rm(join(staging, rest), { recursive: true, force: true });
  process.stderr.write(`downloaded ${name} in ${Math.round((Date.now() - startedAt) / 1_000)} s\n`);
}

const pom = (coordinates: readonly string[]): string => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>opsdesk</groupId>
  <artifactId>servers</artifactId>
  <version>1</version>
  <dependencies>
${coordinates.map(dependency).join("\n")}
  </dependencies>
</project>
`;

const dependency = (coordinate: string): string => {
  const [group = "", artifact = "", version = ""] = coordinate.split(":");
  return `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
};
