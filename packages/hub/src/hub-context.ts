import { setTimeout } from "node:timers/promises";
import { readHubSettings, type Environment, type HubSettings } from "./hub-settings.js";

/** How far a download is. */
export interface DownloadEvent {
  readonly repository: string;
  /** Path in the repository. */
  readonly file: string;
  /** Bytes that are there, those of an earlier download included. */
  readonly received: number;
  readonly size: number;
}

/** Listener that downloads tell what they do. */
export interface DownloadReporter {
  note(text: string): void;
  progress(event: DownloadEvent): void;
}

export interface HubOptions {
  /** Default: that of this process. */
  readonly environment?: Environment | undefined;
  readonly reporter?: DownloadReporter | undefined;
  /** Stops a download; what was downloaded stays, to be taken up again. */
  readonly signal?: AbortSignal | undefined;
  /** Waits before a request is tried again. Default: a timer. */
  readonly wait?: ((milliseconds: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

/** Everything that talking to a hub needs. */
export interface HubContext {
  readonly settings: HubSettings;
  readonly reporter: DownloadReporter;
  readonly signal: AbortSignal | undefined;
  wait(milliseconds: number): Promise<void>;
}

const silent: DownloadReporter = { note: () => undefined, progress: () => undefined };

/** Takes the settings from the environment. Throws what `readHubSettings` throws. */
export async function createHubContext(options: HubOptions): Promise<HubContext> {
  const { signal } = options;
  const wait = options.wait ?? ((milliseconds) => setTimeout(milliseconds, undefined, { signal }));
  return {
    settings: await readHubSettings(options.environment ?? process.env),
    reporter: options.reporter ?? silent,
    signal,
    async wait(milliseconds) {
      await wait(milliseconds, signal);
      signal?.throwIfAborted();
    },
  };
}
