import { existsSync, readFileSync, readdirSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Environment } from "./environment.ts";

export interface Java {
  readonly home: string;
  readonly major: number;
  /** Names this very build: class-data archives work with no other. */
  readonly build: string;
}

const FOLDERS_OF_HOMES = ["/usr/lib/jvm", "/Library/Java/JavaVirtualMachines", "/opt/java"];

/** The newest Java that is new enough, from JAVA_HOME, PATH and where systems keep theirs. */
function findJava(majorMin: number, environment: Environment = process.env): Java | undefined {
  return homes(environment)
    .flatMap((home) => javaAt(home) ?? [])
    .filter(({ major }) => major >= majorMin)
    .toSorted((a, b) => b.major - a.major)[0];
}

export const javaMissing = (majorMin: number): string | undefined =>
  findJava(majorMin) === undefined
    ? `install a JDK, version ${majorMin} or newer, and set JAVA_HOME to it or put it into PATH`
    : undefined;

export const javaOrThrow = (majorMin: number): Java => {
  const java = findJava(majorMin);
  if (java === undefined) throw new Error(`no Java ${majorMin} or newer was found`);
  return java;
};

function homes(environment: Environment): readonly string[] {
  const onPath = (environment["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "java"))
    .filter((file) => existsSync(file))
    // Usually a chain of links: what they lead to lies in its home's bin/.
    .map((file) => dirname(dirname(realpathSync(file))));
  const inFolders = FOLDERS_OF_HOMES.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder).flatMap((name) => [join(folder, name), join(folder, name, "Contents", "Home")]),
  );
  return [...(environment["JAVA_HOME"] === undefined ? [] : [environment["JAVA_HOME"]]), ...onPath, ...inFolders];
}

/** A JDK (javac is needed as well) says in its file `release` what it is. */
export function javaAt(home: string): Java | undefined {
  const release = join(home, "release");
  if (!existsSync(release) || !existsSync(join(home, "bin", "javac"))) return undefined;
  const text = readFileSync(release, "utf8");
  const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(text)?.[1];
  if (version === undefined) return undefined;
  const build = /^JAVA_RUNTIME_VERSION="([^"]+)"/m.exec(text)?.[1] ?? version;
  return { home, major: Number(version), build: build.replaceAll(/[^\w.+-]/g, "_") };
}
