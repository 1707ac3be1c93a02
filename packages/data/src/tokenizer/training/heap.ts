/** A binary heap: `pop` gives the item that comes first. */
export interface Heap<Item> {
  push(item: Item): void;
  pop(): Item | undefined;
}

/** Makes an empty heap; `before(a, b)` says whether `a` comes before `b`. */
export function createHeap<Item>(before: (left: Item, right: Item) => boolean): Heap<Item> {
  const items: Item[] = [];
  return {
    push(item) {
      let at = items.length;
      items.push(item);
      while (at > 0) {
        const parent = (at - 1) >> 1;
        const above = items[parent] as Item;
        if (!before(item, above)) break;
        items[at] = above;
        at = parent;
      }
      items[at] = item;
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (items.length === 0 || last === undefined) return first;
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= items.length) break;
        const right = child + 1;
        if (right < items.length && before(items[right] as Item, items[child] as Item))
          child = right;
        if (!before(items[child] as Item, last)) break;
        items[at] = items[child] as Item;
        at = child;
      }
      items[at] = last;
      return first;
    },
  };
}
