import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { isIPv6, type AddressInfo } from "node:net";
import { html, page, type Markup } from "@ligo/report";
import { BoardError } from "../board-error.js";
import type { View } from "../pages/view.js";
import { openShelf, type Shelf } from "../shelf.js";
import { isAllowedHost } from "./allowed-host.js";
import { loadAssets, type Asset } from "./assets.js";
import { bodyOf } from "./body-of.js";
import { streamView } from "./stream-view.js";

export interface BoardOptions {
  /** Folders of runs and of comparisons, or folders that hold some. */
  readonly folders: readonly string[];
  /** Address that is listened on. Default 127.0.0.1: nobody else can reach it. */
  readonly host?: string | undefined;
  /** Port; 0 for any. Default 5210, or the next that is free. */
  readonly port?: number | undefined;
}

/** A page that is served. */
export interface Board {
  readonly url: string;
  /** Ends all connections. */
  close(): Promise<void>;
}

const [FIRST_PORT, TRIES] = [5210, 20];

/** Nothing but what the board serves itself is loaded, and no other page may frame it. */
const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/**
 * Serves the page of runs and comparisons, which follows them as they go on. It reads alone, and shows nothing outside the
 * folders. Throws `board/no-folder`, `board/port-in-use`, `board/no-address`.
 */
export async function serveBoard({
  folders,
  host = "127.0.0.1",
  port,
}: BoardOptions): Promise<Board> {
  const shelf = await openShelf(folders);
  const assets = loadAssets();
  const server = createServer((request, response) => {
    answer({ shelf, assets, host }, request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, "text/plain; charset=utf-8", String(error));
      else response.destroy();
    });
  });
  const bound = await listen(server, host, port);
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${bound}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function listen(server: Server, host: string, given: number | undefined): Promise<number> {
  const ports =
    given === undefined ? Array.from({ length: TRIES }, (_, k) => FIRST_PORT + k) : [given];
  for (const port of ports) {
    const code = await tryPort(server, host, port);
    if (code === undefined) return (server.address() as AddressInfo).port;
    if (code === "EADDRINUSE") continue;
    throw new BoardError(
      "board/no-address",
      `The board cannot listen on \`host\` ${host}, \`port\` ${port} (${code}). Give an address of this machine, and a port from 1024.`,
      { actual: `${host}:${port}`, expected: "an address of this machine" },
    );
  }
  throw new BoardError(
    "board/port-in-use",
    `Another program listens on port ${ports.join(", ")} of ${host}. Give another \`port\`, or 0 for any.`,
    { actual: ports.join(", "), expected: "a free port" },
  );
}

/** Listens on a port; resolves to the system's code where that cannot be. */
const tryPort = (server: Server, host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    server.once("error", failed);
    server.listen(port, host, () => {
      server.off("error", failed);
      resolve(undefined);
    });
  });

interface Served {
  readonly shelf: Shelf;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly host: string;
}

async function answer(
  { assets, host, shelf }: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const text = (status: number, words: string): void =>
    send(response, status, "text/plain; charset=utf-8", words);
  if (!isAllowedHost(request.headers.host, host)) {
    text(403, "This name does not lead here. Open the address that ligo board printed.\n");
    return;
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    text(405, "The board is read only.\n");
    return;
  }
  const path = (request.url ?? "/").replace(/[?#].*$/u, "");
  const asset = assets.get(path);
  if (asset !== undefined) {
    send(response, 200, asset.type, asset.text);
    return;
  }
  const [, events, rest = ""] = /^(\/events)?(\/.*)$/u.exec(path) ?? [];
  const id = idOf(rest);
  const view = id === undefined ? undefined : await shelf.view(id);
  if (id === undefined || view === undefined) {
    text(404, "There is no run of this name.\n");
    return;
  }
  if (events === undefined) send(response, 200, "text/html; charset=utf-8", pageOf(id, view));
  else await streamView(response, HEADERS, shelf, id);
}

/** The id in the path of a page: `""` for the first one; `undefined` of other paths. */
function idOf(path: string): string | undefined {
  if (path === "/") return "";
  const [, encoded] = /^\/show\/(.+)$/u.exec(path) ?? [];
  try {
    return encoded === undefined ? undefined : encoded.split("/").map(decodeURIComponent).join("/");
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { ...HEADERS, "Content-Type": type }).end(text);
}

function pageOf(id: string, view: View): string {
  const script = (name: string, type: string): Markup =>
    html`<script src="/assets/${name}.js" type="${type}" defer></script>`;
  return page({
    title: view.title,
    head: html`<link rel="stylesheet" href="/assets/style.css" />
      <link rel="icon" href="data:," />
      ${["charts", "morph"].map((name) => script(name, "text/javascript"))}
      ${["page", "live"].map((name) => script(name, "module"))}`,
    body: html`<div id="changing">${{ markup: bodyOf(id, view) }}</div>
      <footer class="top">
        <p class="eyebrow">LiGO board · <span id="connection" role="status">connecting</span></p>
      </footer>`,
  });
}
