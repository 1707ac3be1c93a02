/** The part of package-lock.json (version 3) these tests look at: install path to what lies there. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Optional dependencies without an entry where Node would find them: `npm ci` refuses such a lock file. */
export function missingOptionals(packages: LockedPackages): readonly string[] {
  return Object.entries(packages).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !candidates(path, name).some((candidate) => candidate in packages))
      .map((name) => `${path === "" ? "the root" : path} wants ${name}`),
  );
}

/** Where a package installed at `path` finds `name`: its own node_modules, then those of the folders above. */
function candidates(path: string, name: string): readonly string[] {
  const places = [`node_modules/${name}`];
  const parts = path === "" ? [] : path.split("/");
  for (let depth = 1; depth <= parts.length; depth += 1) {
    if (parts[depth - 1] === "node_modules") continue;
    places.push(`${parts.slice(0, depth).join("/")}/node_modules/${name}`);
  }
  return places;
}

/** Entries that would be fetched from somewhere else than the npm registry, or that nothing vouches for. */
export function foreignEntries(packages: LockedPackages): readonly string[] {
  return Object.entries(packages).flatMap(([path, entry]) => {
    if (entry.link === true || !path.includes("node_modules/")) return [];
    const { resolved, integrity } = entry;
    if (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")) {
      return [`${path} comes from ${resolved}`];
    }
    return integrity === undefined ? [`${path} has no integrity`] : [];
  });
}
