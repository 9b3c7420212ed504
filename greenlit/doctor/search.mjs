// All words of all signals at once, in one pass over a text (Aho and Corasick).
import { DOUBLE, QUOTE, SPACE } from "./reading.mjs";

const KEPT = 24; // Places remembered for each word: the first ones, and the last one.
const CUT = { least: 24, share: 0.55 }; // So much of a message is enough where the text breaks off,
const CUT_AFTER_CLASS = 9; // and so much behind the name of an error, as in pytest's summary.

// mutant 128 -> 127: character 127 is read as a space.
// mutant 128 -> 129: no signal has character 128.
const LETTERS = 128; // Signals are ASCII; whatever else a text holds, no signal goes through it.

const ELLIPSIS = 0x2026, DOT = 46, COLON = 58;
const CLOSING = new Set([SPACE, QUOTE, DOUBLE, DOT, 41, 62, 93, 125]); // ) > ] }

/** What `search` needs: for each node and letter the next node, and what is recognized there. */
export function build(words) {
  // mutant 1 -> 0: the words share beginnings, so that there is room to spare.
  // mutant 1 -> 2: more room to spare.
  const size = words.reduce((sum, { word }) => sum + word.length, 1);
  const next = new Int32Array(size * LETTERS);
  const ends = Array.from({ length: size }, () => []);
  const heads = Array.from({ length: size }, () => []); // What is recognized here already, if nothing follows.
  const letters = new Set();
  let nodes = 1; // mutant 1 -> 2: a number that is left out; there is room to spare.
  words.forEach(({ word, cut }, number) => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const letter = word.charCodeAt(i) % LETTERS;
      letters.add(letter);
      const edge = node * LETTERS + letter;
      if (!next[edge]) next[edge] = nodes++;
      node = next[edge];
      if (cut && i + 1 >= CUT_AFTER_CLASS)
        heads[node].push([number, i + 1, i + 1 >= Math.max(CUT.least, CUT.share * word.length)]);
    }
    ends[node].push([number, word.length]);
  });
  lead(next, ends, heads, letters);
  return { next, ends, heads };
}

/** Where a word goes on no longer, lead on to the longest end of what was read that begins another one. */
function lead(next, ends, heads, letters) {
  const back = new Int32Array(ends.length);
  const queue = [];
  for (const letter of letters) if (next[letter]) queue.push(next[letter]);
  for (const node of queue) {
    ends[node].push(...ends[back[node]]);
    heads[node].push(...heads[back[node]]);
    for (const letter of letters) {
      const edge = node * LETTERS + letter, beside = next[back[node] * LETTERS + letter];
      if (next[edge]) {
        back[next[edge]] = beside;
        queue.push(next[edge]);
      } else next[edge] = beside;
    }
  }
}

export function search({ next, ends, heads }, codes, length) {
  const found = new Map(), cut = new Map();
  let node = 0, last = length;
  while (CLOSING.has(codes[last - 1])) last--;
  for (let i = 0; i <= length; i++) {
    if (i === last || codes[i] === ELLIPSIS || (codes[i] === DOT && codes[i + 1] === DOT && codes[i + 2] === DOT)) {
      for (const [number, size, enough] of heads[node])
        if (!cut.has(number) && (enough || (codes[i - size - 1] === SPACE && codes[i - size - 2] === COLON && codes[i] === DOT)))
          cut.set(number, { start: i - size, end: i });
    }
    // mutant < -> <=: for character 128 that is the place of character 0 in the next node, which no signal has either.
    node = codes[i] < LETTERS ? next[node * LETTERS + codes[i]] : 0;
    for (const [number, size] of ends[node]) {
      const places = found.get(number);
      if (!places) found.set(number, [i + 1 - size]);
      else if (places.length < KEPT) places.push(i + 1 - size);
      else places[KEPT - 1] = i + 1 - size;
    }
  }
  return { found, cut };
}
