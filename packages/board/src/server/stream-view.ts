import type { ServerResponse } from "node:http";
import type { Shelf } from "../shelf.js";
import { bodyOf } from "./body-of.js";
import type { Update } from "./update.js";
import { watchFolders } from "./watch-folders.js";

/** Sends a page's changing parts whenever they change, as server-sent events, until the reader is gone. */
export async function streamView(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  shelf: Shelf,
  id: string,
): Promise<void> {
  response.writeHead(200, { ...headers, "Content-Type": "text/event-stream; charset=utf-8" });
  let sent = "";
  let [isBusy, isAsked] = [false, false];
  const update = async (): Promise<void> => {
    watch.follow(await shelf.folders(id));
    const view = await shelf.view(id);
    // a run that was removed keeps its last page
    if (view === undefined) return;
    const next: Update = { title: view.title, body: bodyOf(id, view) };
    const data = JSON.stringify(next);
    if (data === sent) return;
    sent = data;
    response.write(`data: ${data}\n\n`);
  };
  // one at a time; what changes meanwhile is looked at once more
  const change = (): void => {
    isAsked = true;
    if (isBusy) return;
    isBusy = true;
    const work = async (): Promise<void> => {
      while (isAsked && !response.closed) {
        isAsked = false;
        await update();
      }
    };
    work()
      .catch(() => response.destroy())
      .finally(() => {
        isBusy = false;
      });
  };
  const watch = watchFolders(change);
  response.on("close", () => watch.close());
  change();
}
