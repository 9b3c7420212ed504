// The part of a text that has most of the words, with them marked.
import { WORD, forms } from "./words.mjs";

/** Pieces of the text: `[piece, is it one of the words?]`. At most about so many characters. */
export function excerpt(text, marks, most) {
  const words = [...text.matchAll(WORD)].map(({ 0: word, index }) => ({
    from: index,
    to: index + word.length,
    term: forms(word).find(([term]) => marks.has(term))?.[0],
  }));
  const met = words.filter(({ term }) => term);
  let from = 0, richest = 0;
  if (text.length > most)
    for (const first of met) {
      const within = new Set(met.filter((word) => word.from >= first.from && word.to <= first.from + 0.8 * most).map(({ term }) => term));
      if (within.size > richest) [richest, from] = [within.size, first.from];
    }
  // A little of what stands before, from the beginning of a sentence if there is one near.
  const sentence = text.slice(0, from).search(/[^.?!]*$/);
  const start = from <= 0.2 * most ? 0 : from - sentence < 0.3 * most ? sentence : (words.findLast(({ to }) => to < from - 20)?.from ?? from);
  const rest = words.filter(({ from: begin, to }) => begin >= start && to <= start + most);
  const end = text.length - start <= most ? text.length : (rest.at(-1)?.to ?? start + most);
  const pieces = start ? [["… ", false]] : [];
  let at = start;
  for (const word of met.filter((word) => word.from >= start && word.to <= end)) {
    pieces.push([text.slice(at, word.from), false], [text.slice(word.from, word.to), true]);
    at = word.to;
  }
  return [...pieces, [text.slice(at, end), false], [end < text.length ? " …" : "", false]].filter(([piece]) => piece);
}
