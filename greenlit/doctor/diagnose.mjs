// Which error is this? Text in, ranked diagnoses out. No DOM, no network, no regular expression:
// every step is one pass over the text, so that no text, however hostile, takes more than its length.
//
//     import { doctor } from "./diagnose.mjs"
//     doctor(catalogue)(text)  ->  { diagnoses: [{ entry, score, why }], ours }

const LONGEST_GAP = 240; // What a `*` in a message may stand for.
const KEPT = 24; // Places remembered for each signal: the first ones, and the last one.
const MOST = 5; // Diagnoses returned.
const CUT = { least: 24, share: 0.55 }; // So much of a message is enough where the text breaks off.

const POINTS = { says: 10, word: 1 / 12, longest: 6, decisive: 6, hint: 1.5, unlike: -7, rank: 1 / 100 };
const MOST_OF = { decisive: 3, hint: 4, unlike: 2 };
const HINTS_THAT_SPEAK = 3; // So many, and an entry whose failure is silent is offered without any message.

// What shows that a text is about our stack at all, when its message is one that others raise too.
const OURS = [
  "sqlalchemy", "sqlmodel", "alembic", "asyncsession", "async_session", "greenlet_spawn",
  "create_async_engine", "sessionmaker", "async_engine", "postgresql+", "sqlite+",
  "chunkediteratorresult", "scalarresult", "cursorresult",
  "alembic/env.py", "migrations/env.py", "run_async_migrations", "run_migrations_online",
];

// The same, unless the text names somebody else who uses them.
const DRIVERS = [
  "asyncpg", "psycopg", "aiosqlite", "pgbouncer", "/databases/core", "_on_waiter_completed",
  "fastapi/dependencies/utils.py", "solve_dependencies",
];

// Who gets the same messages from the same servers and drivers without us.
const FOREIGN = [
  "django", "aioredis", "redis.exceptions", "redis/asyncio", "motor", "pymongo", "aiohttp", "peewee", "aiomysql", "asyncmy", "node_modules",
  "jdbc", "hibernate", "org.postgresql", "npgsql", "activerecord", "pg::", "pgx", "gorm", "prisma", "sequelize", "typeorm", "laravel", "pdoexception",
  "sqlx", "diesel", "tokio_postgres", "tokio-postgres", "lib/pq", "libpq.execute", "node-postgres", "pg-pool", "knex", "drizzle", "r2dbc", "postgrex",
  "pgadmin", "gevent", "playwright",
];

// Object mappers on our drivers: whatever the driver says, it says to them.
const MAPPERS = ["tortoise", "piccolo"];

/** Prepare a catalogue once; the function returned diagnoses a text. */
export function doctor(catalogue) {
  const signals = [];
  const add = (entry, kind, text) => {
    const parts = text.split("*").map((part) => decode(part).text.trim()).filter(Boolean);
    if (!parts.length) throw new Error(`${entry?.slug}: an empty ${kind}`);
    const anchor = parts.reduce((best, part, i) => (part.length > parts[best].length ? i : best), 0);
    signals.push({ entry, kind, text, parts, anchor, word: kind !== "says" && kind !== "common" });
  };
  for (const entry of catalogue) {
    for (const text of entry.says ?? []) add(entry, "says", text);
    for (const kind of ["common", "decisive", "hint", "unlike"]) for (const text of entry[kind] ?? []) add(entry, kind, text);
  }
  for (const [kind, texts] of Object.entries({ ours: OURS, driver: DRIVERS, foreign: FOREIGN, mapper: MAPPERS })) {
    for (const text of texts) add(null, kind, text);
  }
  const automaton = build(signals.map(({ parts, anchor, word }) => ({ word: parts[anchor], cut: !word && anchor === 0 })));
  return (text) => diagnose(catalogue, signals, automaton, text);
}

function diagnose(catalogue, signals, automaton, given) {
  const read = decode(given);
  const { found, cut } = search(automaton, read.codes, read.length);
  const seen = new Map(catalogue.map((entry) => [entry, { says: [], common: [], decisive: [], hint: [], unlike: [] }]));
  const named = new Set();
  for (const [number, places] of found) {
    const signal = signals[number];
    const match = places.map((place) => widen(signal, read, place)).find(Boolean);
    if (!match) continue;
    if (!signal.entry) named.add(signal.kind);
    else seen.get(signal.entry)[signal.kind].push({ text: signal.text, weight: weigh(signal), ...match });
  }
  for (const [number, { start, end }] of cut) {
    const { entry, text } = signals[number];
    seen.get(entry).common.push({ text, weight: Math.min((end - start) * POINTS.word, POINTS.longest), start, end });
  }
  const foreign = named.has("foreign") || named.has("mapper");
  const ours = named.has("ours") || (named.has("driver") && !foreign);
  const diagnoses = [];
  if (named.has("mapper") && !ours) return { diagnoses, ours };
  for (const [entry, evidence] of seen) {
    if (ours) evidence.says.push(...evidence.common);
    else if (entry.shared === true || (entry.shared && foreign)) continue;
    const score = judge(entry, evidence);
    if (score > 0) diagnoses.push({ entry, score, why: explain(evidence, given, read) });
  }
  diagnoses.sort((a, b) => b.score - a.score || a.entry.rank - b.entry.rank);
  const best = diagnoses[0]?.score ?? 0;
  return { diagnoses: diagnoses.filter(({ score }) => score > best - 14).slice(0, MOST), ours };
}

function judge(entry, { says, decisive, hint, unlike }) {
  const silent = entry.silent && decisive.length + hint.length >= HINTS_THAT_SPEAK;
  if (!says.length && !silent) return 0;
  const clearest = Math.max(0, ...says.map(({ weight }) => weight));
  return (
    (says.length ? POINTS.says : 0) + clearest +
    POINTS.decisive * Math.min(decisive.length, MOST_OF.decisive) +
    POINTS.hint * Math.min(hint.length, MOST_OF.hint) +
    POINTS.unlike * Math.min(unlike.length, MOST_OF.unlike) +
    POINTS.rank * (100 - entry.rank)
  );
}

/** A long message says more than a short one. */
function weigh(signal) {
  const length = signal.parts.reduce((sum, part) => sum + part.length, 0);
  return Math.min(length * POINTS.word, POINTS.longest);
}

// Why --------------------------------------------------------------------------------------------

/** The lines of the text that decided it, and in each what is to be marked. */
function explain({ says, decisive, hint }, given, read) {
  const lines = new Map();
  for (const [strength, matches] of [["says", says], ["decisive", decisive], ["hint", hint]]) {
    for (const { start, end } of matches) {
      const from = read.origin[start], to = read.origin[end - 1] + 1;
      const begins = given.lastIndexOf("\n", from - 1) + 1;
      const known = lines.get(begins) ?? { begins, strength, marks: [] };
      known.marks.push([from, to]);
      lines.set(begins, known);
    }
  }
  const order = ["says", "decisive", "hint"];
  const chosen = [...lines.values()].sort((a, b) => order.indexOf(a.strength) - order.indexOf(b.strength)).slice(0, 4);
  return chosen.sort((a, b) => a.begins - b.begins).map(({ begins, marks }) => excerpt(given, begins, marks));
}

/** A line in pieces, every second of them marked; of a line without end, only what is near the marks. */
function excerpt(given, begins, marks) {
  marks.sort((a, b) => a[0] - b[0]);
  const first = marks[0][0];
  const ends = given.indexOf("\n", first);
  const from = Math.max(begins, first - 80);
  const to = Math.min(ends < 0 ? given.length : ends, first + 300);
  const pieces = [given.slice(from, Math.min(first, to))];
  if (from > begins) pieces[0] = `…${pieces[0]}`;
  let at = Math.min(first, to);
  for (const [start, end] of marks) {
    if (start < at || start >= to) continue;
    if (start > at) pieces[pieces.length - 1] += pieces.length > 1 ? given.slice(at, start) : "";
    pieces.push(given.slice(start, Math.min(end, to)), "");
    at = Math.min(end, to);
  }
  pieces[pieces.length - 1] += given.slice(at, to) + (ends > to || (ends < 0 && to < given.length) ? "…" : "");
  return pieces;
}

// Reading ----------------------------------------------------------------------------------------

const SPACE = 32, BACKSLASH = 92, SLASH = 47, QUOTE = 39, DOUBLE = 34, ESCAPE = 27;
const ENTITIES = new Map([
  ["l", [["&lt;", "<"]]], ["g", [["&gt;", ">"]]], ["a", [["&amp;", "&"]]], ["q", [["&quot;", '"']]],
  ["#", [["&#39;", "'"], ["&#x27;", "'"], ["&#34;", '"']]],
]);

/**
 * The text as it is compared: lower case, one space for any run of white space, control characters or
 * the lines that terminals draw; without colours; escapes of JSON and HTML undone; Windows' separators turned.
 * `origin` tells where each character came from.
 */
function decode(given) {
  const codes = new Uint16Array(given.length);
  const origin = new Uint32Array(given.length);
  let length = 0, i = 0;
  const put = (code, at) => {
    if (code === SPACE && (length === 0 || codes[length - 1] === SPACE)) return;
    codes[length] = code;
    origin[length++] = at;
  };
  while (i < given.length) {
    let code = given.charCodeAt(i);
    const at = i++;
    if (code === ESCAPE && given.charCodeAt(i) === 91) {
      i++;
      while (i < given.length && i < at + 40 && !isFinal(given.charCodeAt(i))) i++;
      i++;
    } else if (code === BACKSLASH) {
      while (given.charCodeAt(i) === BACKSLASH) i++;
      const next = given.charCodeAt(i);
      if (next === 110) { put(SPACE, at); i++; } // \n of a JSON log line
      else if (next === DOUBLE || next === QUOTE) { put(next, i); i++; }
      else if (next === 117 && isHex(given, i + 1)) { put(plain(parseInt(given.slice(i + 1, i + 5), 16)), at); i += 5; }
      else put(SLASH, at);
    } else if (code === 38) {
      const [name, meant] = ENTITIES.get(given[i])?.find(([name]) => given.startsWith(name, at)) ?? ["&", "&"];
      put(meant.charCodeAt(0), at);
      i = at + name.length;
    } else put(plain(code), at);
  }
  return { codes, origin, length, get text() { return asText(codes, 0, length); } };
}

const isFinal = (code) => code >= 64 && code <= 126;
const isHex = (text, at) => at + 4 <= text.length && [0, 1, 2, 3].every((i) => HEX.includes(text[at + i]));
const HEX = "0123456789abcdefABCDEF";

function plain(code) {
  if (code <= SPACE || code === 127 || code === 160 || code === 0x200b || code === 0xfeff) return SPACE;
  if (code >= 65 && code <= 90) return code + 32;
  if (code === 0x2018 || code === 0x2019 || code === 96) return QUOTE; // ‘ ’ `
  if (code === 0x201c || code === 0x201d) return DOUBLE;
  if (code >= 0x2500 && code <= 0x259f) return SPACE; // The boxes of rich tracebacks.
  if (code === 124) return SPACE; // | of docker compose
  return code;
}

function asText(codes, from, to) {
  let text = "";
  for (let i = from; i < to; i += 8192) text += String.fromCharCode(...codes.subarray(i, Math.min(i + 8192, to)));
  return text;
}

// Searching --------------------------------------------------------------------------------------

const LETTERS = 128; // Signals are ASCII; whatever else a text holds, no signal goes through it.

const ELLIPSIS = 0x2026, DOT = 46;
const CLOSING = new Set([SPACE, QUOTE, DOUBLE, DOT, 41, 62, 93, 125]); // ) > ] }

/** Aho and Corasick: all words at once, in one pass. */
function build(words) {
  const size = words.reduce((sum, { word }) => sum + word.length, 1);
  const next = new Int32Array(size * LETTERS);
  const ends = Array.from({ length: size }, () => []);
  const heads = Array.from({ length: size }, () => []); // What is recognized here already, if nothing follows.
  let nodes = 1;
  words.forEach(({ word, cut }, number) => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const edge = node * LETTERS + (word.charCodeAt(i) % LETTERS);
      if (!next[edge]) next[edge] = nodes++;
      node = next[edge];
      if (cut && i + 1 < word.length && i + 1 >= Math.max(CUT.least, CUT.share * word.length)) heads[node].push([number, i + 1]);
    }
    ends[node].push([number, word.length]);
  });
  const back = new Int32Array(nodes);
  const queue = [];
  for (let letter = 0; letter < LETTERS; letter++) if (next[letter]) queue.push(next[letter]);
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head];
    ends[node].push(...ends[back[node]]);
    heads[node].push(...heads[back[node]]);
    for (let letter = 0; letter < LETTERS; letter++) {
      const edge = node * LETTERS + letter, beside = next[back[node] * LETTERS + letter];
      if (next[edge]) {
        back[next[edge]] = beside;
        queue.push(next[edge]);
      } else next[edge] = beside;
    }
  }
  return { next, ends, heads };
}

function search({ next, ends, heads }, codes, length) {
  const found = new Map(), cut = new Map();
  let node = 0, last = length;
  while (last && CLOSING.has(codes[last - 1])) last--;
  for (let i = 0; i <= length; i++) {
    if (i === last || codes[i] === ELLIPSIS || (codes[i] === DOT && codes[i + 1] === DOT && codes[i + 2] === DOT)) {
      for (const [number, size] of heads[node]) if (!cut.has(number)) cut.set(number, { start: i - size, end: i });
    }
    if (i === length) break;
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

/** From the place of a signal's longest part to the whole of it, if the rest is there. */
function widen({ parts, anchor, word }, read, place) {
  let start = place, end = place + parts[anchor].length;
  for (let i = anchor - 1; i >= 0; i--) {
    const from = Math.max(0, start - LONGEST_GAP - parts[i].length);
    const at = asText(read.codes, from, start).lastIndexOf(parts[i]);
    if (at < 0) return null;
    start = from + at;
  }
  for (let i = anchor + 1; i < parts.length; i++) {
    const at = asText(read.codes, end, Math.min(read.length, end + LONGEST_GAP + parts[i].length)).indexOf(parts[i]);
    if (at < 0) return null;
    end += at + parts[i].length;
  }
  const inside = (at) => at >= 0 && at < read.length && isLetter(read.codes[at]);
  // A word is not a part of another word: "commit" is not in "committed". "test_" may go on.
  const open = (at) => isLetter(read.codes[at]) && read.codes[at] !== UNDERSCORE;
  if (word && ((open(start) && inside(start - 1)) || (open(end - 1) && inside(end)))) return null;
  return { start, end };
}

const UNDERSCORE = 95;
const isLetter = (code) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === UNDERSCORE;
