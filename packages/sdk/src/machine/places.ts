import { existsSync } from "node:fs";

/** A folder that files are kept in between runs. */
export interface CacheFolder {
  readonly path: string;
  readonly exists: boolean;
}

/** The hub that models come from, or why its settings cannot be used. The access token itself is told to nobody. */
export type HubReport =
  | { readonly endpoint: string; readonly hasToken: boolean; readonly offline: boolean }
  | { readonly problem: string };

/** Places that files come from and are kept in. */
export interface Places {
  readonly caches: { readonly tokens: CacheFolder; readonly models?: CacheFolder };
  readonly hub: HubReport;
}

const folderAt = (path: string): CacheFolder => ({ path, exists: existsSync(path) });

/** Looks at caches and settings of the hub, and never fails. */
export async function places(env: NodeJS.ProcessEnv): Promise<Places> {
  const [{ HubError, readHubSettings }, { cacheFolder }] = await Promise.all([
    import("@ligo/hub"),
    import("@ligo/data"),
  ]);
  const tokens = folderAt(cacheFolder(env));
  try {
    const { cache, endpoint, offline, token } = await readHubSettings(env);
    const models = folderAt(cache);
    return {
      caches: { models, tokens },
      hub: { endpoint, hasToken: token !== undefined, offline },
    };
  } catch (error) {
    if (!HubError.isInstance(error)) throw error;
    return { caches: { tokens }, hub: { problem: error.message } };
  }
}
