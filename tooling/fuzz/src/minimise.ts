import type { Input } from "./input.js";
import { parseTree, renderTree, slotsOf, type JsonTree } from "./mutate/json-tree.js";

/** Whether a smaller input still shows what was found. */
export interface Search {
  readonly shows: (input: Input) => Promise<boolean>;
  /** Whether the time for it is over. */
  readonly isOver: () => boolean;
}

/**
 * Makes an input smaller that shows a finding: bytes are given back what they were in the seed it was made of, members of JSON
 * and stretches of bytes are taken away, as long as it still shows it (delta debugging).
 */
export async function minimise(
  base: Input,
  input: Input,
  { isOver, shows }: Search,
): Promise<Input> {
  let smallest = input;
  for (const [name] of [...input].toSorted(([, a], [, b]) => b.length - a.length)) {
    const before = base.get(name);
    const file: File = {
      now: () => smallest.get(name) ?? new Uint8Array(0),
      isOver,
      async attempt(bytes) {
        const candidate = new Map(smallest).set(name, bytes);
        if (!(await shows(candidate))) return false;
        smallest = candidate;
        return true;
      },
    };
    if (before !== undefined && Buffer.compare(before, file.now()) === 0) continue;
    if (before !== undefined && before.length === file.now().length) await giveBack(before, file);
    else {
      await withoutMembers(file);
      await withoutStretches(file);
    }
  }
  return smallest;
}

/** A file of an input while it is made smaller. */
interface File {
  readonly now: () => Uint8Array;
  readonly isOver: () => boolean;
  readonly attempt: (bytes: Uint8Array) => Promise<boolean>;
}

/** Goes through something in ever smaller parts; what `attempt` takes away is gone. */
async function byParts(
  length: () => number,
  isOver: () => boolean,
  attempt: (start: number, end: number) => Promise<boolean>,
): Promise<void> {
  for (let size = Math.ceil(length() / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < length();) {
      if (isOver()) return;
      if (!(await attempt(start, start + size))) start += size;
    }
  }
}

async function giveBack(before: Uint8Array, { attempt, isOver, now }: File): Promise<void> {
  let differing = [...now().keys()].filter((index) => now()[index] !== before[index]);
  await byParts(
    () => differing.length,
    isOver,
    async (start, end) => {
      const bytes = Uint8Array.from(now());
      for (const index of differing.slice(start, end)) bytes[index] = before[index] ?? 0;
      const went = await attempt(bytes);
      if (went) differing = differing.toSpliced(start, end - start);
      return went;
    },
  );
}

async function withoutStretches({ attempt, isOver, now }: File): Promise<void> {
  await byParts(
    () => now().length,
    isOver,
    (start, end) => attempt(Buffer.concat([now().subarray(0, start), now().subarray(end)])),
  );
}

/** Members of JSON are taken away, the largest parts first. */
async function withoutMembers({ attempt, isOver, now }: File): Promise<void> {
  for (let skipped = 0; !isOver();) {
    const tree = parseTree(Buffer.from(now()).toString("utf8"));
    if (tree === undefined) return;
    const root: { tree: JsonTree } = { tree };
    const members = slotsOf(root).filter(({ among }) => among !== undefined);
    const member = members[skipped];
    if (member === undefined) return;
    member.among?.list.splice(member.among.index, 1);
    if (!(await attempt(Buffer.from(renderTree(root.tree))))) skipped++;
  }
}
