// A pasted text as a box can show it: a browser takes seconds to lay out megabytes, or 200,000 combining marks.

const SHOWN = 20000; // Characters.
const MARKS = 3; // Combining marks on one letter: no language needs more.
export const note = (length) => `\n… ${length.toLocaleString("en")} characters in all; every one is read.`;

/** What the box shows of a text. */
export function shown(text) {
  const calm = text.slice(0, SHOWN).replace(/(\p{M}{3})\p{M}+/gu, "$1");
  return text.length > SHOWN || calm.length < text.length ? calm + note(text.length) : text;
}

/** The whole text behind what the box shows now: what was typed before or after its beginning counts too. */
export function whole(value, kept) {
  if (!kept) return value;
  const beginning = shown(kept);
  const at = value.indexOf(beginning);
  return at < 0 ? value : value.slice(0, at) + kept + value.slice(at + beginning.length);
}

/** What turns the direction of a line, or piles up, as an escape: a line of somebody else's is shown in it. */
export function harmless(text) {
  return text.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{M}{4,}/gu, (found) =>
    found.length > MARKS ? escaped(found[0]) : escaped(found),
  );
}

const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
