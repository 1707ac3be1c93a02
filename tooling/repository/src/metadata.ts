import { posix } from "node:path";
import { rootManifest, type Manifest } from "./workspaces.js";

/** Fields of a published package.json that follow from its folder, in their order after `license`. */
type Generated = "repository" | "homepage" | "bugs" | "publishConfig" | "engines";

/** Address of the repository. The root's package.json is the one place that holds it. */
export const address: string = addressOf(rootManifest);

function addressOf({ repository }: Manifest): string {
  const url = repository?.url.replace(/^git\+/u, "").replace(/\.git$/u, "");
  if (url === undefined) throw new Error("package.json of the root has no repository.url");
  return url;
}

/** The part of the metadata of a published package that nobody writes by hand. */
export function generatedFields(folder: string): Pick<Required<Manifest>, Generated> {
  return {
    repository: { type: "git", url: `git+${address}.git`, directory: folder },
    homepage: `${address}/tree/main/${folder}#readme`,
    bugs: { url: `${address}/issues` },
    publishConfig: { access: "public", provenance: true },
    engines: rootManifest.engines ?? {},
  };
}

/** A package.json with its generated fields, those that are new behind `license`. */
export function completed(manifest: Manifest, folder: string): Manifest {
  const generated = generatedFields(folder);
  const fields = Object.entries(manifest).flatMap(([name, value]) => {
    if (name !== "license") return [[name, value] as const];
    const missing = Object.entries(generated).filter(([field]) => !(field in manifest));
    return [[name, value] as const, ...missing];
  });
  return { ...(Object.fromEntries(fields) as unknown as Manifest), ...generated };
}

const LINK = /(\]\()([^()\s]+)(?=\))/gu;

/** A README as npm's pages need it: there, a link relative to the folder leads nowhere. */
export function withAbsoluteLinks(markdown: string, folder: string): string {
  return markdown.replace(LINK, (link, before: string, target: string) => {
    if (/^(?:[a-z]+:|#)/u.test(target)) return link;
    return `${before}${address}/blob/main/${posix.join(folder, target)}`;
  });
}

/** Path in this repository that an absolute link leads to; undefined for links to elsewhere. */
export function pathOfLink(target: string): string | undefined {
  const prefix = [`${address}/blob/main/`, `${address}/tree/main/`].find((one) =>
    target.startsWith(one),
  );
  return prefix === undefined ? undefined : target.slice(prefix.length).replace(/#.*$/u, "");
}
