/** Ids of the pieces of texts that were seen last, in constant memory: about 20 MB. */
export interface PieceTable {
  /** Puts the ids of `text[start, end)` behind `ids`, those that it remembers or those that `encode` gives. */
  append(ids: number[], text: string, start: number, end: number): void;
}

/** Longer pieces are rarely seen again. In UTF-16 units. */
export const LONGEST_REMEMBERED = 48;

const SLOTS = 2 ** 18;
const PIECES = SLOTS / 2;
const UNITS = 2 ** 21;
const IDS = 2 ** 20;
/** Constants of FNV-1a, which mixes one character after the other. */
const [HASH_START, HASH_PRIME] = [0x811c9dc5, 0x01000193];

/**
 * A hash table that finds a piece by its characters where they stand in a text: to cut the piece out and ask a Map takes
 * several times as long as all the rest. When it is full it forgets everything.
 */
export function createPieceTable(encode: (piece: string) => readonly number[]): PieceTable {
  // number of a piece plus one; 0 where there is none
  const slots = new Int32Array(SLOTS);
  const hashes = new Int32Array(PIECES);
  // where characters and ids of a piece begin; they end where those of the next begin
  const [unitStarts, idStarts] = [new Int32Array(PIECES + 1), new Int32Array(PIECES + 1)];
  const [units, remembered] = [new Uint16Array(UNITS), new Int32Array(IDS)];
  let count = 0;

  const isSame = (piece: number, text: string, start: number, end: number): boolean => {
    const first = unitStarts[piece] as number;
    if ((unitStarts[piece + 1] as number) - first !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (units[first + at - start] !== text.charCodeAt(at)) return false;
    }
    return true;
  };
  const remember = (piece: string, hash: number, ids: readonly number[]): void => {
    let [unit, id] = [unitStarts[count] as number, idStarts[count] as number];
    if (count === PIECES || unit + piece.length > UNITS || id + ids.length > IDS) {
      slots.fill(0);
      [count, unit, id] = [0, 0, 0];
    }
    let slot = slotOf(hash);
    while (slots[slot] !== 0) slot = (slot + 1) % SLOTS;
    hashes[count] = hash;
    slots[slot] = ++count;
    for (let at = 0; at < piece.length; at++) units[unit + at] = piece.charCodeAt(at);
    unitStarts[count] = unit + piece.length;
    remembered.set(ids, id);
    idStarts[count] = id + ids.length;
  };
  return {
    append(ids, text, start, end) {
      if (end - start > LONGEST_REMEMBERED) {
        for (const id of encode(text.slice(start, end))) ids.push(id);
        return;
      }
      let hash = HASH_START;
      for (let at = start; at < end; at++) {
        hash = Math.imul(hash ^ text.charCodeAt(at), HASH_PRIME);
      }
      for (let slot = slotOf(hash); slots[slot] !== 0; slot = (slot + 1) % SLOTS) {
        const piece = (slots[slot] as number) - 1;
        if (hashes[piece] !== hash || !isSame(piece, text, start, end)) continue;
        const last = idStarts[piece + 1] as number;
        for (let at = idStarts[piece] as number; at < last; at++)
          ids.push(remembered[at] as number);
        return;
      }
      const piece = text.slice(start, end);
      const own = encode(piece);
      remember(piece, hash, own);
      for (const id of own) ids.push(id);
    },
  };
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}
