// Which error is this? Text in, ranked diagnoses out. No DOM, no network; every step is one pass over
// the text, so that no text, however hostile, takes more than its length.
//
//     import { doctor } from "./diagnose.mjs"
//     doctor(catalogue)(text)  ->  [{ entry, score, why, weak }]
import { layout } from "./lines.mjs";
import { asText, decode, plainText } from "./reading.mjs";
import { build, search } from "./search.mjs";
import { weakSignals } from "./words.mjs";

const LONGEST_GAP = { message: 240, words: 60 }; // Characters that a `*` may stand for.
const MOST = 5; // Diagnoses returned.

const POINTS = {
  says: 10, last: 5, character: 1 / 12, longest: 6, decisive: 6, hints: 1.5, unlike: -7, rank: -1 / 100,
  title: 9, asked: 5, more: 1.5, class: 3, code: 2, // Without a message: what is said in words, or only a class.
};
const MOST_OF = { decisive: 3, hints: 4, unlike: 2, asked: 3 };
const HINTS_THAT_SPEAK = 3; // So many, and an entry whose failure is silent is offered without any message.
const FAR_BEHIND = 14; // Points behind the best diagnosis: from here on another one is not worth reading.

const OWN_LINE = 400; // Characters of the reader's own line.
const LINES = 4; // Lines of the text shown for a diagnosis,
const BEFORE = 80, AFTER = 300; // and how much of a long one, around the beginning of its first mark.

// What shows that a text is about our stack at all, when its message is one that others raise too.
const OURS = [
  "sqlalchemy", "sqlmodel", "alembic", "asyncsession", "async_session", "greenlet_spawn",
  "create_async_engine", "sessionmaker", "async_engine", "postgresql+", "sqlite+",
  "queuepool limit", "missinggreenlet", "pendingrollbackerror", "detachedinstanceerror", "illegalstatechangeerror",
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

// A driver's own frames: without one of SQLAlchemy's above them, it was called by somebody else.
const DRIVER_FRAMES = [
  "asyncpg/connection.py", "asyncpg/pool.py", "asyncpg/protocol", "asyncpg/connect_utils.py", "asyncpg/prepared_stmt.py",
  "asyncpg.create_pool", "asyncpg.connect(", "psycopg/connection_async.py", "psycopg/cursor.py", "psycopg/cursor_async.py", "psycopg_pool",
  "databases.Database", "databases/core.py", "databases/backends",
];

// Object mappers on our drivers: whatever the driver says, it says to them.
const MAPPERS = ["tortoise", "piccolo", "gino"];

// SQLAlchemy without asyncio: the messages are the same, the causes are others.
const SYNCHRONOUS = [
  "flask", "flask_sqlalchemy", "psycopg2.errors", "(psycopg2.", "psycopg2.operationalerror", "pymysql", "mysqldb", "mysqlclient", "cx_oracle", "pyodbc", "mod_wsgi", "db.query(", "session.query(",
  "with many threads", "threading.Thread", "scoped_session(sessionmaker", "airflow", "superset",
];
const WITHOUT_ASYNCIO = new Set(["database server", "tests and migrations"]); // The pages that help there too.
const ASYNCHRONOUS = [
  "asyncpg", "aiosqlite", "asyncsession", "async_session", "async_engine", "create_async_engine", "asyncio", "greenlet_spawn", "ext/asyncio",
  "fastapi", "starlette", "uvicorn", "await", "async", "async_sessionmaker", "missinggreenlet", "aiomysql", "asyncmy", "psycopg_async", "await_only", "alembic",
];

/** Prepare a catalogue once; the function returned diagnoses a text. */
export function doctor(catalogue) {
  const signals = [];
  const add = (entry, kind, text) => {
    const parts = text.split("*").map(plainText).filter(Boolean);
    if (!parts.length) throw new Error(`${kind}: ${JSON.stringify(text)} holds no words`);
    const anchor = parts.reduce((best, part, i) => (part.length > parts[best].length ? i : best), 0);
    const weight = weigh(parts.reduce((sum, part) => sum + part.length, 0));
    signals.push({ entry, kind, parts, anchor, weight, word: kind !== "says" && kind !== "common" });
  };
  for (const entry of catalogue) {
    for (const kind of ["says", "common", "decisive", "hints", "unlike", "never", "asked"]) for (const text of entry[kind] ?? []) add(entry, kind, text);
    for (const [kind, text] of weakSignals(entry)) add(entry, kind, text);
  }
  for (const [kind, texts] of Object.entries({ ours: OURS, driver: DRIVERS, foreign: FOREIGN, mapper: MAPPERS, bare: DRIVER_FRAMES, sync: SYNCHRONOUS, async: ASYNCHRONOUS })) {
    for (const text of texts) add(null, kind, text);
  }
  const automaton = build(signals.map(({ parts, anchor, word }) => ({ word: parts[anchor], cut: !word && anchor === 0 })));
  return (text) => diagnose(catalogue, signals, automaton, text);
}

function diagnose(catalogue, signals, automaton, given) {
  const { kept, last, mine } = layout(given);
  const read = decode(given, kept);
  const { seen, named } = gather(catalogue, signals, read, search(automaton, read.codes, read.length));
  const foreign = ["foreign", "mapper", "bare"].some((kind) => named.has(kind));
  const ours = named.has("ours") || (named.has("driver") && !foreign);
  if (named.has("mapper") && !ours) return [];
  const synchronous = named.has("sync") && !named.has("async");
  const yours = mine && given.slice(mine[0], Math.min(mine[1], mine[0] + OWN_LINE)).trim();
  const diagnoses = [];
  for (const [entry, evidence] of seen) {
    if (evidence.never.length || (synchronous && !WITHOUT_ASYNCIO.has(entry.layer))) continue;
    if (ours) evidence.says.push(...evidence.common);
    else if (entry.shared === true || (entry.shared && foreign)) evidence.says.length = evidence.decisive.length = evidence.hints.length = 0;
    if (foreign && !ours) for (const kind of WEAK) evidence[kind].length = 0;
    const score = judge(entry, evidence, (match) => isIn(last, read.origin[match.start]));
    if (score > 0) diagnoses.push({ entry, score, why: explain(evidence, given, read), weak: !evidence.says.length, yours });
  }
  diagnoses.sort((a, b) => b.score - a.score);
  return diagnoses.filter(({ score }) => score > diagnoses[0].score - FAR_BEHIND).slice(0, MOST);
}

const isIn = ([from, to], place) => from <= place && place < to;

/** What the text holds: the evidence for each entry, and which kinds of stacks are named. */
function gather(catalogue, signals, read, { found, cut }) {
  const seen = new Map(catalogue.map((entry) => [entry, Object.fromEntries(KINDS.map((kind) => [kind, []]))]));
  const named = new Set();
  for (const [number, places] of found) {
    const { entry, kind, weight } = signals[number];
    // The last place, because the last error of a text is the one that ended it.
    const match = places.map((place) => widen(signals[number], read, place)).filter(Boolean).at(kind === "says" || kind === "common" ? -1 : 0);
    if (!match) continue;
    if (entry) seen.get(entry)[kind].push({ weight, ...match });
    else named.add(kind);
  }
  for (const [number, { start, end }] of cut) seen.get(signals[number].entry).common.push({ weight: weigh(end - start), start, end });
  return { seen, named };
}

const WEAK = ["asked", "title", "class", "code"];
const KINDS = ["says", "common", "decisive", "hints", "unlike", "never", ...WEAK];

function judge(entry, evidence, isLast) {
  const { says, decisive, hints, unlike } = evidence;
  const silent = entry.silent && decisive.length + hints.length >= HINTS_THAT_SPEAK;
  const without = says.length ? 0 : ofWords(evidence);
  if (!says.length && !silent && !without) return 0;
  const clearest = Math.max(0, ...says.map((match) => match.weight + (isLast(match) ? POINTS.last : 0)));
  return (
    (says.length ? POINTS.says : without) + clearest +
    (says.length ? POINTS.more * Math.min(evidence.asked.length, MOST_OF.asked) : 0) +
    (says.length || silent ? POINTS.decisive * Math.min(decisive.length, MOST_OF.decisive) : 0) +
    POINTS.hints * Math.min(hints.length, MOST_OF.hints) +
    POINTS.unlike * Math.min(unlike.length, MOST_OF.unlike) +
    POINTS.rank * entry.rank
  );
}

/** What it is worth when the text has no message of this page. */
function ofWords({ asked, title, class: named, code }) {
  const said = asked.length ? POINTS.asked + POINTS.more * (Math.min(asked.length, MOST_OF.asked) - 1) : 0;
  return Math.max(said, title.length ? POINTS.title : 0) + (named.length ? POINTS.class : 0) + (code.length ? POINTS.code : 0);
}

/** A long message says more than a short one. */
const weigh = (length) => Math.min(length * POINTS.character, POINTS.longest);

// Why --------------------------------------------------------------------------------------------

/** The lines of the text that decided it, the strongest evidence first if there are too many, and in each what is to be marked. */
function explain({ says, decisive, hints, asked, title, class: named, code }, given, read) {
  const lines = new Map();
  for (const { start, end } of [...says, ...decisive, ...hints, ...asked, ...title, ...named, ...code]) {
    const from = read.origin[start], to = read.origin[end - 1] + 1;
    const begins = given.lastIndexOf("\n", from) + 1;
    lines.set(begins, [...(lines.get(begins) ?? []), [from, to]]);
  }
  const chosen = [...lines].slice(0, LINES).sort(([a], [b]) => a - b);
  return chosen.map(([begins, marks]) => excerpt(given, begins, marks));
}

/** A line in pieces, every second of them marked; of a long line, only what is near the first mark. */
function excerpt(given, begins, marks) {
  marks.sort(([a], [b]) => a - b);
  const first = marks[0][0];
  const newline = given.indexOf("\n", first);
  const ends = newline === -1 ? given.length : newline;
  const from = Math.max(begins, first - BEFORE);
  const to = Math.min(ends, first + AFTER);
  const pieces = [(from > begins ? "…" : "") + given.slice(from, first)];
  let at = first;
  for (const [start, end] of marks) {
    if (start < at || start >= to) continue;
    pieces[pieces.length - 1] += given.slice(at, start);
    pieces.push(given.slice(start, Math.min(end, to)), "");
    at = Math.min(end, to);
  }
  pieces[pieces.length - 1] += given.slice(at, to) + (to < ends ? "…" : "");
  return pieces;
}

// Matching ---------------------------------------------------------------------------------------

/** From the place of a signal's longest part to the whole of it, if the rest is there. */
function widen({ parts, anchor, word, kind }, read, place) {
  const gap = kind === "asked" ? LONGEST_GAP.words : LONGEST_GAP.message;
  let start = place, end = place + parts[anchor].length;
  for (let i = anchor - 1; i >= 0; i--) {
    const from = Math.max(0, start - gap - parts[i].length);
    const at = asText(read.codes, from, start).lastIndexOf(parts[i]);
    if (at < 0) return null;
    start = from + at;
  }
  for (let i = anchor + 1; i < parts.length; i++) {
    const at = asText(read.codes, end, end + gap + parts[i].length).indexOf(parts[i]);
    if (at < 0) return null;
    end += at + parts[i].length;
  }
  // A word is not a part of another word: "commit" is not in "committed". "test_" may go on.
  const goesOn = (last, beside) => read.codes[last] !== UNDERSCORE && isLetter(read.codes[last]) && isLetter(read.codes[beside]);
  return word && (goesOn(start, start - 1) || goesOn(end - 1, end)) ? null : { start, end };
}

const UNDERSCORE = 95;
const isLetter = (code) => (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === UNDERSCORE; // mutant 97 -> 96: no character is read as 96.
