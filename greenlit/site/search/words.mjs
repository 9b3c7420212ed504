// What a text consists of, for the search: words without their endings, and of an error what pages share with it.

// Of a question, what it is about.
const SMALL = new Set(
  ("a about after again all an and any are as at be been before but by can could did do does doing for from get gets getting got had has have how i if in into is it " +
    "its just me my no not of off on one or our out over should so some than that the their them then there these they this to too under up us use used using want versus vs was we were what " +
    "when where which while who why will with without would you your").split(" "),
);

/** One form for "migrate", "migrations" and "migrating": both sides are cut alike, so it need not be a word. */
export function stem(word) {
  if (word.length < 4 || /[_+\d]/.test(word)) return word;
  word = word.replace(/ies$/, "y").replace(/(ss|x|ch|sh)es$/, "$1").replace(/([^siu])s$/, "$1");
  const bare = word.replace(/^(.{6,})ation$/, "$1").replace(/^(.{4,})(?:ing|ed)$/, "$1").replace(/^(.{4,})ion$/, "$1");
  return bare.replace(/([^aeiouls])\1$/, "$1").replace(/^(.{3,}l)l$/, "$1").replace(/^(.{3,})e$/, "$1");
}

/** A word as it stands; of "n+1" and "C++" the sign is a part. */
export const WORD = /[\p{L}\p{N}_]+(?:\+[\p{L}\p{N}]+|\+\+)?/gu;
export const plainWords = (text) => text.match(WORD) ?? [];

const known = new Map();

/** All words that were met, as they were written. */
export const allWords = () => known.keys();

/** All forms of a word that find it: `begin_nested` also as its parts, `MissingGreenlet` as two words. */
export function forms(word) {
  let found = known.get(word);
  if (!found) known.set(word, (found = made(word)));
  return found;
}

function made(word) {
  const parts = word.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().split("_").filter((part) => part.length > 1);
  return [[stem(word.toLowerCase()), 1], ...(parts.length > 1 ? parts.map((part) => [stem(part), 0.6]) : [])];
}

/** The words of a query, without the small ones if there are others. */
export function asked(query) {
  const all = [...new Set(plainWords(query.toLowerCase()))];
  const large = all.filter((word) => !SMALL.has(word) && !/^\d{4,}$/.test(word));
  return large.length ? large : all;
}

const ERROR = /(?:^|[\s(.'"])\w+(?:Error|Exception|Greenlet|Found|Mismatch): /g;
const LONG = 200;

/** Of a log or a traceback, the error that ended it. */
export function lastError(text) {
  const errors = text.length > LONG ? [...text.matchAll(ERROR)] : [];
  return errors.length ? text.slice(errors.at(-1).index).slice(0, 2 * LONG) : text.slice(0, 2 * LONG);
}

/** A message without what differs from one machine to the next: addresses, numbers, quotes, what was sent. */
export function bare(text) {
  return text
    .replace(/https?:\/\/\S+|\(Background on this error[^)]*\)?|\[(?:SQL|parameters): .*/g, " ")
    .replace(/<[^>]*>|0x[0-9a-f]+/gi, " ")
    .toLowerCase()
    .replace(/[^a-z*]+/g, " ")
    .trim();
}
