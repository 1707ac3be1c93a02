/// <reference lib="dom" />
import type { Update } from "../server/update.js";

// Keeps a page up to date: the server sends what changed, and elements are changed in place, so that scroll positions, open
// details and charts stay.

/** The part of Idiomorph that is used here. */
interface Morph {
  morph(
    old: Element,
    next: string,
    config: {
      readonly morphStyle: "innerHTML";
      readonly callbacks: {
        readonly beforeNodeMorphed: (old: Node) => boolean;
        readonly beforeAttributeUpdated: (name: string, element: Element) => boolean;
      };
    },
  ): void;
}

const { Idiomorph } = globalThis as unknown as { readonly Idiomorph: Morph };

const connection = document.querySelector("#connection");
const changing = document.querySelector("#changing");
const tell = (text: string): void => {
  if (connection !== null) connection.textContent = text;
};

function show({ body, title }: Update): void {
  document.title = title;
  if (changing === null) return;
  Idiomorph.morph(changing, body, {
    morphStyle: "innerHTML",
    callbacks: {
      // choices and drawings are the reader's
      beforeNodeMorphed: (old) => !(old instanceof HTMLElement && "keep" in old.dataset),
      beforeAttributeUpdated: (name, element) =>
        !(name === "open" && element instanceof HTMLDetailsElement),
    },
  });
  document.dispatchEvent(new Event("ligo:changed"));
}

const events = new EventSource(`/events${location.pathname}`);
events.addEventListener("open", () => tell("live"));
events.addEventListener("error", () =>
  tell("not connected: the board was stopped, or cannot be reached"),
);
events.addEventListener("message", ({ data }: MessageEvent<string>) =>
  show(JSON.parse(data) as Update),
);
