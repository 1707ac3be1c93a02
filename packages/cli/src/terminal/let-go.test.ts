import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { letGoOfTerminals } from "./let-go.js";

it.each<[string, readonly number[], readonly number[], readonly number[]]>([
  ["those whose terminal is gone", [0, 1, 2], [], [0, 1, 2]],
  ["one that is gone alone", [0, 1, 2], [0, 1], [2]],
  ["none that were no terminals", [2], [], [2]],
  ["none that is still there", [0, 1, 2], [0, 1, 2], []],
])("closes of the streams of a process that ends %s", (_what, before, after, closed) => {
  const own = new EventEmitter();
  let terminals = before;
  const done: number[] = [];
  letGoOfTerminals(own, {
    isTerminal: (stream) => terminals.includes(stream),
    close: (stream) => void done.push(stream),
  });
  terminals = after;
  expect(done).toEqual([]);
  own.emit("exit");
  expect(done).toEqual(closed);
});
