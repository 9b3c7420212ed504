// Made by 'make catalogue' from greenlit/doctor/. A classic script: a page opened as a file loads no module.
(() => {
// Which error is this? Text in, ranked diagnoses out. No DOM, no network, no regular expression:
// every step is one pass over the text, so that no text, however hostile, takes more than its length.
//
//     import { doctor } from "./diagnose.mjs"
//     doctor(catalogue)(text)  ->  { diagnoses: [{ entry, score, why }], ours }

const LONGEST_GAP = 240; // What a `*` in a message may stand for.
const KEPT = 24; // Places remembered for each signal: the first ones, and the last one.
const MOST = 5; // Diagnoses returned.

const POINTS = { says: 10, word: 1 / 12, longest: 6, decisive: 6, hint: 1.5, unlike: -7, rank: 1 / 100 };
const MOST_OF = { decisive: 3, hint: 4, unlike: 2 };
const HINTS_THAT_SPEAK = 3; // So many, and an entry whose failure is silent is offered without any message.

// What shows that a text is about our stack at all, when its message is one that others raise too.
const OURS = [
  "sqlalchemy", "asyncpg", "psycopg", "aiosqlite", "sqlmodel", "alembic", "asyncsession", "async_session",
  "create_async_engine", "sessionmaker", "async_engine", "pgbouncer", "postgresql+", "sqlite+", "/databases/core",
];

/** Prepare a catalogue once; the function returned diagnoses a text. */
function doctor(catalogue) {
  const signals = [];
  const add = (entry, kind, text) => {
    const parts = text.split("*").map((part) => decode(part).text.trim()).filter(Boolean);
    if (!parts.length) throw new Error(`${entry?.slug}: an empty ${kind}`);
    const anchor = parts.reduce((best, part, i) => (part.length > parts[best].length ? i : best), 0);
    signals.push({ entry, kind, text, parts, anchor, word: kind !== "says" });
  };
  for (const entry of catalogue) {
    for (const text of entry.says) add(entry, "says", text);
    for (const kind of ["decisive", "hint", "unlike"]) for (const text of entry[kind] ?? []) add(entry, kind, text);
  }
  for (const text of OURS) add(null, "ours", text);
  const automaton = build(signals.map((signal) => signal.parts[signal.anchor]));
  return (text) => diagnose(catalogue, signals, automaton, text);
}

function diagnose(catalogue, signals, automaton, given) {
  const read = decode(given);
  const found = search(automaton, read.codes, read.length);
  const seen = new Map(catalogue.map((entry) => [entry, { says: [], decisive: [], hint: [], unlike: [] }]));
  let ours = false;
  for (const [number, places] of found) {
    const signal = signals[number];
    const match = places.map((place) => widen(signal, read, place)).find(Boolean);
    if (!match) continue;
    if (signal.kind === "ours") ours = true;
    else seen.get(signal.entry)[signal.kind].push({ text: signal.text, weight: weigh(signal), ...match });
  }
  const diagnoses = [];
  for (const [entry, evidence] of seen) {
    const score = judge(entry, evidence, ours);
    if (score > 0) diagnoses.push({ entry, score, why: explain(evidence, given, read) });
  }
  diagnoses.sort((a, b) => b.score - a.score || a.entry.rank - b.entry.rank);
  const best = diagnoses[0]?.score ?? 0;
  return { diagnoses: diagnoses.filter(({ score }) => score > best - 14).slice(0, MOST), ours };
}

function judge(entry, { says, decisive, hint, unlike }, ours) {
  const silent = entry.silent && decisive.length + hint.length >= HINTS_THAT_SPEAK;
  if (!says.length && !silent) return 0;
  if (entry.shared && !ours) return 0;
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

/** Aho and Corasick: all words at once, in one pass. */
function build(words) {
  const size = words.reduce((sum, word) => sum + word.length, 1);
  const next = new Int32Array(size * LETTERS);
  const ends = Array.from({ length: size }, () => []);
  let nodes = 1;
  words.forEach((word, number) => {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const edge = node * LETTERS + (word.charCodeAt(i) % LETTERS);
      if (!next[edge]) next[edge] = nodes++;
      node = next[edge];
    }
    ends[node].push([number, word.length]);
  });
  const back = new Int32Array(nodes);
  const queue = [];
  for (let letter = 0; letter < LETTERS; letter++) if (next[letter]) queue.push(next[letter]);
  for (let head = 0; head < queue.length; head++) {
    const node = queue[head];
    ends[node].push(...ends[back[node]]);
    for (let letter = 0; letter < LETTERS; letter++) {
      const edge = node * LETTERS + letter, beside = next[back[node] * LETTERS + letter];
      if (next[edge]) {
        back[next[edge]] = beside;
        queue.push(next[edge]);
      } else next[edge] = beside;
    }
  }
  return { next, ends };
}

function search({ next, ends }, codes, length) {
  const found = new Map();
  let node = 0;
  for (let i = 0; i < length; i++) {
    node = codes[i] < LETTERS ? next[node * LETTERS + codes[i]] : 0;
    for (const [number, size] of ends[node]) {
      const places = found.get(number);
      if (!places) found.set(number, [i + 1 - size]);
      else if (places.length < KEPT) places.push(i + 1 - size);
      else places[KEPT - 1] = i + 1 - size;
    }
  }
  return found;
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

// "Paste your traceback" on a page. Whatever is pasted becomes text nodes: none of it is ever markup.

const script = typeof document === "undefined" ? null : document.currentScript; // Known only while it loads.

function start(catalogue) {
  const known = doctor(catalogue);
  const root = new URL("..", script.src);
  const page = (path) => new URL(location.protocol === "file:" ? path.replace(/\/?(#|$)/, "/index.html$1") : path, root).href;

  const arm = () => {
    for (const box of document.querySelectorAll(".gl-doctor:not([data-armed])")) {
      box.dataset.armed = "";
      const input = box.querySelector("textarea");
      let waiting;
      const answer = () => show(box, input.value, known(input.value));
      input.addEventListener("input", () => {
        clearTimeout(waiting);
        waiting = setTimeout(answer, input.value.length > 100000 ? 250 : 40);
      });
      if (input.value) answer();
    }
  };

  function show(box, text, { diagnoses }) {
    const status = box.querySelector("[role=status]");
    const results = box.querySelector(".gl-diagnoses");
    const some = diagnoses.length > 0;
    status.textContent = !text.trim() ? ""
      : some ? `${diagnoses.length === 1 ? "One diagnosis" : `${diagnoses.length} diagnoses, the likeliest first`}:`
      : "I don't know this one, and I won't guess. Nothing in it is a message of this stack that has a page here.";
    results.replaceChildren(...(some ? diagnoses.map(entry) : []));
    box.querySelector(".gl-unknown").hidden = some || !text.trim();
  }

  function entry({ entry, why }) {
    const link = make("a", entry.title);
    link.href = page(`guides/errors/${entry.slug}/`);
    const lines = why.map((pieces) => make("div", ...pieces.map((piece, i) => (i % 2 ? make("mark", piece) : piece))));
    const parts = [make("h3", link), make("p", ...spans(entry.cause))];
    if (lines.length) parts.push(make("p", "Decided by these lines of yours:"), classed("gl-why", make("pre", ...lines)));
    if (entry.fix) parts.push(make("p", "The fix:"), classed("gl-rows", make("pre", ...entry.fix.rows.map(row))));
    for (const pre of parts.filter(({ tagName }) => tagName === "PRE")) pre.tabIndex = 0;
    return make("li", ...parts);
  }

  const row = (text) => {
    const element = make("div", text.startsWith("@") ? "⋯" : text);
    if (text[0] === "-") element.className = "gd";
    if (text[0] === "+") element.className = "gi";
    return element;
  };
  const spans = (text) => text.split("`").map((piece, i) => (i % 2 ? make("code", piece) : piece));
  const classed = (name, element) => ((element.className = name), element);
  const make = (tag, ...children) => {
    const element = document.createElement(tag);
    element.append(...children);
    return element;
  };

  arm();
  window.document$?.subscribe(arm); // Again after instant navigation.
}

start([{"slug": "naive_aware_datetime", "title": "Can't subtract offset-naive and offset-aware datetimes", "rank": 6, "cause": "You give an aware `datetime` to a column that SQLAlchemy knows as `TIMESTAMP WITHOUT TIME ZONE`, which is what a bare `Mapped[datetime]` or `DateTime()` means. asyncpg encodes that type by subtracting a naive date, and Python refuses to subtract the two.", "says": ["invalid input for query argument*can't subtract offset-naive and offset-aware datetimes", "can't subtract offset-naive and offset-aware datetimes"], "decisive": ["invalid input for query argument", "TIMESTAMP WITHOUT TIME ZONE", "timestamp_encode", "tzinfo=datetime.timezone.utc"], "hint": ["datetime.now(timezone.utc)", "datetime.now(UTC)", "datetime.utcnow", "DateTime(timezone=True)", "created_at", "asyncpg"], "classes": ["sqlalchemy.exc.DBAPIError", "sqlalchemy.dialects.postgresql.asyncpg.Error", "asyncpg.exceptions.DataError", "TypeError"], "layer": "driver and SQL", "symptoms": ["500", "production"], "drivers": ["asyncpg", "aiosqlite"], "code": "dbapi", "shared": true, "fix": {"file": "snippets/errors/naive_aware_datetime.py", "rows": [" ", "+from sqlalchemy import DateTime", " from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "@@ -8,3 +9,3 @@", " class Base(DeclarativeBase):", "-    pass", "+    type_annotation_map = {datetime: DateTime(timezone=True)}", " "]}}, {"slug": "yield_dependency_commit_too_late", "title": "The client got a 201 and the row is not in the database", "rank": 9, "cause": "Your dependency commits after its `yield`, and FastAPI runs that code when the response is already with the client (before 0.106, and again since 0.118). A commit that fails can no longer change the answer, and a client that is quick asks again before the commit.", "hint": ["after yield", "after the yield", "post-yield", "commit after yield", "yield session", "yield db", "session.commit()", "db.commit()", "get_db", "get_session", "get_async_session", "dependency with yield", "dependencies with yield", "yield dependency", "response sent before", "before the commit", "commit completes", "after the response", "response is sent", "response already sent", "read-after-write", "read after write", "201 but", "200 but", "row not saved", "rows saved: 0", "not saved", "not persisted", "404 right after", "scope=\"function\"", "get_response_for_scope", "_solve_dependencies"], "unlike": ["MissingGreenlet", "response already started"], "layer": "FastAPI and pydantic", "symptoms": ["silent", "row-missing", "stale", "production"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "silent": true, "fix": {"file": "snippets/lifecycle/commit_after_yield.py", "rows": [" ", "-SessionDep = Annotated[AsyncSession, Depends(get_session)]", "+SessionDep = Annotated[AsyncSession, Depends(get_session, scope=\"function\")]", " "]}}, {"slug": "detached_serialization", "title": "DetachedInstanceError: Parent instance is not bound to a Session; lazy load operation of attribute cannot proceed", "rank": 14, "cause": "Something reads a relationship that the query did not load, and the session that could have loaded it is closed. Mostly a helper opens a session of its own and returns the object, and the reader is the response model.", "says": ["is not bound to a Session; lazy load operation of attribute", "DetachedInstanceError"], "decisive": ["lazy load operation of attribute", "_load_for_state", "serialize_response", "Error extracting attribute: DetachedInstanceError", "model_validate", "from_orm", "to_dict", "to_response", "jsonable_encoder"], "hint": ["response_model", "get_attribute_error", "selectinload", "async with session", "lazy="], "unlike": ["attribute refresh operation", "deferred load operation", "_load_expired", "starlette/background.py", "starlette\\background.py"], "classes": ["sqlalchemy.orm.exc.DetachedInstanceError", "fastapi.exceptions.ResponseValidationError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "bhk3", "fix": {"file": "snippets/errors/detached_serialization.py", "rows": [" from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine", "-from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship", "+from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload", " ", "@@ -40,3 +40,5 @@", "     async with session_factory() as session:", "-        return await session.get_one(Author, author_id)", "+        return await session.get_one(", "+            Author, author_id, options=[selectinload(Author.books)]", "+        )", " "]}}, {"slug": "detached_expired", "title": "DetachedInstanceError: Instance is not bound to a Session; attribute refresh operation cannot proceed", "rank": 15, "cause": "The commit expired the object, and then its session was closed. The next read wants to load the columns again, and there is no session to do it with.", "says": ["is not bound to a Session; attribute refresh operation cannot proceed", "DetachedInstanceError"], "decisive": ["attribute refresh operation", "_load_expired", "load_scalar_attributes"], "hint": ["expire_on_commit", "commit()", "get_attribute_error", "cache", "current_user"], "unlike": ["lazy load operation", "deferred load operation", "starlette/background.py", "starlette\\background.py", "background task", "background_tasks"], "classes": ["sqlalchemy.orm.exc.DetachedInstanceError", "fastapi.exceptions.ResponseValidationError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "bhk3", "fix": {"file": "snippets/errors/detached_expired.py", "rows": [" engine = create_async_engine(os.environ.get(\"DATABASE_URL\", \"sqlite+aiosqlite:///greenlit.db\"))", "-session_factory = async_sessionmaker(engine)", "+session_factory = async_sessionmaker(engine, expire_on_commit=False)", " app = FastAPI()"]}}, {"slug": "session_held_through_response", "title": "A download or a background task holds a database connection", "rank": 19, "cause": "A session from a dependency lives until the last byte is sent and the last background task has ended (FastAPI before 0.106, and since 0.118). If it has read anything and not committed, it holds a connection inside an open transaction all that time, and other requests wait for the pool.", "says": ["QueuePool limit of size * reached, connection timed out, timeout"], "decisive": ["StreamingResponse", "EventSourceResponse", "held through", "until the stream ends", "until the last byte"], "hint": ["background task", "BackgroundTasks", "add_task", "starlette/background.py", "stream_response", "streaming response", "server-sent events", "slow client", "download", "websocket", "idle in transaction", "connection held", "holds a connection", "0.118", "yield session", "scope=\"function\""], "classes": ["sqlalchemy.exc.TimeoutError"], "layer": "FastAPI and pydantic", "symptoms": ["hangs", "load", "production"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "3o7r", "silent": true, "fix": {"file": "snippets/errors/session_held_through_response.py", "rows": ["     tasks.add_task(send_mail, user.name)", "+    await session.commit()", "     return \"on its way\""]}}, {"slug": "detached_background_task", "title": "DetachedInstanceError in a background task", "rank": 20, "cause": "You gave an ORM object to a task, and the session that it belongs to was closed before the task read it. A task lives longer than the code that starts it, so it needs a session of its own, and the id instead of the object.", "says": ["is not bound to a Session", "DetachedInstanceError"], "decisive": ["starlette/background.py", "starlette\\background.py", "fastapi/background.py", "background task", "background tasks", "background_task", "background_tasks", "BackgroundTasks", "add_task", "create_task", "request-scoped", "Task exception was never retrieved", "celery"], "hint": ["expire_on_commit", "worker", "the task", "after the response", "queue"], "unlike": ["serialize_response", "get_attribute_error"], "classes": ["sqlalchemy.orm.exc.DetachedInstanceError"], "layer": "ORM", "symptoms": ["500", "silent"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "bhk3", "silent": true, "fix": {"file": "snippets/errors/detached_background_task.py", "rows": [" ", "-async def send_welcome(user: User) -> None:", "+async def send_welcome(user_id: int) -> None:", "+    async with session_factory() as session:", "+        user = await session.get_one(User, user_id)", "     print(f\"To: {user.name}\")", "@@ -30,3 +32,3 @@", "         await session.flush()", "-        background.add_task(send_welcome, user)", "+        background.add_task(send_welcome, user.id)", "         await session.commit()"]}}, {"slug": "asyncsession_no_query", "title": "'AsyncSession' object has no attribute 'query'", "rank": 23, "cause": "`Query` is the interface of before 2.0, and `AsyncSession` never had it: a query object runs its SQL in methods that you cannot await. Build a `select()` and await the session's `scalars()`, `scalar()` or `execute()`.", "says": ["'AsyncSession' object has no attribute 'query'", "'async_scoped_session' object has no attribute 'query'"], "decisive": ["no attribute 'query'", "session.query", "db.query"], "hint": [".filter(", "filter_by"], "unlike": ["'generator' object", "'async_generator' object"], "classes": ["AttributeError"], "layer": "Python", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/asyncsession_no_query.py", "rows": [" ", "+from sqlalchemy import select", " from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "@@ -16,3 +17,3 @@", " async def greet(session: AsyncSession, name: str) -> None:", "-    user = session.query(User).filter(User.name == name).one()  # type: ignore[attr-defined]", "+    user = (await session.scalars(select(User).where(User.name == name))).one()", "     print(f\"Hello {user.name}\")"]}}, {"slug": "asyncsession_no_exec", "title": "'AsyncSession' object has no attribute 'exec'", "rank": 24, "cause": "`exec()` exists on SQLModel's `AsyncSession`, and your session is SQLAlchemy's, which has the same name. `async_sessionmaker(engine)` makes SQLAlchemy's unless you pass `class_`.", "says": ["'AsyncSession' object has no attribute 'exec'"], "decisive": ["no attribute 'exec'"], "hint": ["sqlmodel", "session.exec"], "classes": ["AttributeError"], "layer": "Python", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/expiry/sqlmodel_exec.py", "rows": ["             engine,", "+            class_=AsyncSession,", "             expire_on_commit=False,"]}}, {"slug": "missing_await", "title": "'coroutine' object has no attribute 'scalars'", "rank": 27, "cause": "A call of the session lacks its `await`, so you hold a coroutine instead of a result: nothing was sent yet. Or the `await` is there and reaches too far: without parentheses it applies to the whole chain, `.all()` included.", "says": ["'coroutine' object has no attribute 'scalars'", "'coroutine' object has no attribute 'scalar_one'", "'coroutine' object has no attribute 'scalar_one_or_none'", "'coroutine' object has no attribute 'scalar'", "'coroutine' object has no attribute 'mappings'", "'coroutine' object has no attribute 'fetchall'", "'coroutine' object has no attribute 'unique'", "'coroutine' object has no attribute 'one_or_none'", "'coroutine' object has no attribute 'all'", "'coroutine' object has no attribute 'first'", "'coroutine' object has no attribute 'one'", "coroutine 'AsyncSession.execute' was never awaited", "coroutine 'AsyncSession.scalars' was never awaited", "coroutine 'AsyncSession.scalar' was never awaited", "coroutine 'AsyncSession.get' was never awaited", "coroutine 'AsyncSession.refresh' was never awaited", "'coroutine' object has no attribute 'fetchone'", "'coroutine' object has no attribute 'rowcount'"], "decisive": ["'coroutine' object", "AsyncSession.execute", "AsyncSession.scalars"], "hint": ["session.execute", "db.execute", "session.scalars", "never awaited", "select("], "unlike": ["AsyncSession.commit"], "classes": ["AttributeError", "TypeError", "RuntimeWarning"], "layer": "Python", "symptoms": ["500", "silent"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "silent": true, "fix": {"file": "snippets/errors/missing_await.py", "rows": [" async def names(session: AsyncSession) -> list[str]:", "-    users = session.scalars(select(User)).all()  # type: ignore[attr-defined]", "+    users = (await session.scalars(select(User))).all()", "     return [user.name for user in users]"]}}, {"slug": "too_many_awaits", "title": "object list can't be used in 'await' expression", "rank": 28, "cause": "You await something that is no coroutine: the rows of a result are in memory already, `add()` sends nothing, and a synchronous `Session` never has anything to await. The class in the text is the class of what you awaited.", "says": ["object list can't be used in 'await' expression", "object ChunkedIteratorResult can't be used in 'await' expression", "object NoneType can't be used in 'await' expression", "object * can't be used in 'await' expression", "got ScalarResult", "got coroutine", "object can't be awaited", "requires an object with __aiter__ method, got ChunkedIteratorResult", "requires an object with __aiter__ method, got coroutine"], "decisive": ["ChunkedIteratorResult", "ScalarResult", "CursorResult", "'async for'", "'await' expression"], "hint": ["await session", "await db", "session.add", ".all()", "sessionmaker", "create_engine", "stream"], "classes": ["TypeError"], "layer": "Python", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "shared": true, "fix": {"file": "snippets/errors/too_many_awaits.py", "rows": ["     result = await session.scalars(select(User))", "-    users = await result.all()  # type: ignore[misc]", "+    users = result.all()", "     return [user.name for user in users]"]}}, {"slug": "unique_required", "title": "The unique() method must be invoked on this Result, as it contains results that include joined eager loads against collections", "rank": 28, "cause": "`joinedload()` of a collection joins it to the query, so each user comes once per order. SQLAlchemy does not drop the repetitions behind your back, and asks you to say `unique()`.", "says": ["The unique() method must be invoked on this Result", "results that include joined eager loads against collections"], "decisive": ["require_unique"], "hint": ["joinedload", "lazy=\"joined\"", "lazy='joined'", "contains_eager"], "classes": ["sqlalchemy.exc.InvalidRequestError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/unique_required.py", "rows": [" from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "-from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship", "+from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload", " ", "@@ -25,3 +25,3 @@", " async def list_users(session: AsyncSession) -> None:", "-    query = select(User).options(joinedload(User.orders))", "+    query = select(User).options(selectinload(User.orders))", "     for user in (await session.scalars(query)).all():"]}}, {"slug": "wrong_context_manager", "title": "'AsyncSession' object does not support the context manager protocol", "rank": 36, "cause": "`with` and `async with` were mixed up: everything that SQLAlchemy's asyncio gives you wants `async with`, everything of the synchronous side plain `with`. Or the parentheses after the factory are missing.", "says": ["'AsyncSession' object does not support the context manager protocol", "'AsyncConnection' object does not support the context manager protocol", "'_AsyncSessionContextManager' object does not support the context manager protocol", "'async_sessionmaker' object does not support the asynchronous context manager protocol", "'Session' object does not support the asynchronous context manager protocol", "AttributeError: __aenter__", "AttributeError: __enter__", "'sessionmaker' object does not support the asynchronous context manager protocol", "'_AsyncGeneratorContextManager' object does not support the context manager protocol"], "decisive": ["'AsyncSession' object", "'async_sessionmaker' object", "'Session' object", "AsyncSession"], "hint": ["with session", "sessionmaker", "async with", "engine.begin"], "unlike": ["'async_generator' object", "'generator' object"], "classes": ["TypeError", "AttributeError"], "layer": "Python", "symptoms": ["500", "start"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "shared": true, "fix": {"file": "snippets/errors/wrong_context_manager.py", "rows": [" async def count_users(session_factory: async_sessionmaker[AsyncSession]) -> int:", "-    with session_factory() as session:  # type: ignore[attr-defined]", "+    async with session_factory() as session:", "         return await session.scalar(select(func.count()).select_from(User)) or 0"]}}, {"slug": "global_session", "title": "One global session: requests fail, or commit, each other's work", "rank": 38, "cause": "The application has one `AsyncSession` for all requests: made at import, or held by a singleton. A session is one transaction, so requests commit each other's half-done work, and one failure fails them all.", "says": ["session = AsyncSession(engine)", "SessionLocal = AsyncSession("], "hint": ["global session", "shared session", "singleton", "same session", "another request", "other requests", "every request", "all requests", "until restart", "after restart", "SessionLocal = AsyncSession(", "PendingRollbackError", "IllegalStateChangeError"], "classes": ["sqlalchemy.exc.PendingRollbackError", "sqlalchemy.exc.IllegalStateChangeError"], "layer": "FastAPI and pydantic", "symptoms": ["silent", "load", "production", "later"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "silent": true, "fix": {"file": "snippets/lifecycle/request_global_failure.py", "rows": [" ", "-the_session = session_factory()", "-", " async def get_session() -> AsyncIterator[AsyncSession]:", "-    yield the_session", "+    async with session_factory() as session:", "+        yield session", " ", "@@ -67,3 +66,2 @@", "     finally:", "-        await the_session.close()", "         await engine.dispose()"]}}, {"slug": "lazy_raise", "title": "'Author.books' is not available due to lazy='raise'", "rank": 39, "cause": "The relationship is declared `lazy=\"raise\"`, or the query says `raiseload()`: whoever reads it without having loaded it gets this error. It works as intended, and the query lacks the loader option.", "says": ["is not available due to lazy='raise'", "is not available due to lazy='raise_on_sql'", "is not available due to raiseload=True"], "decisive": ["LoadDeferredColumns", "lazy='raise'"], "hint": ["raiseload", "selectinload", "awaitable_attrs"], "classes": ["sqlalchemy.exc.InvalidRequestError", "fastapi.exceptions.ResponseValidationError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/lazy_raise.py", "rows": [" from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "-from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship", "+from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload", " ", "@@ -48,3 +48,3 @@", " ) -> Author:", "-    return await session.get_one(Author, author_id)", "+    return await session.get_one(Author, author_id, options=[selectinload(Author.books)])", " "]}}, {"slug": "no_result_found", "title": "NoResultFound: No row was found when one was required", "rank": 41, "cause": "`one()`, `scalar_one()` and `get_one()` demand exactly one row, and the query found none, or several. Nobody catches the exception, so the client gets a 500 where a 404 was meant.", "says": ["No row was found when one was required", "Multiple rows were found when exactly one was required", "Multiple rows were found when one or none was required"], "decisive": ["NoResultFound", "MultipleResultsFound", "_only_one_row"], "hint": ["scalar_one", "get_one", "one_or_none"], "classes": ["sqlalchemy.exc.NoResultFound", "sqlalchemy.exc.MultipleResultsFound"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/no_result_found.py", "rows": [" import httpx", "-from fastapi import Depends, FastAPI", "+from fastapi import Depends, FastAPI, HTTPException", " from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "@@ -31,3 +31,5 @@", " ) -> dict[str, str]:", "-    user = await session.get_one(User, user_id)", "+    user = await session.get(User, user_id)", "+    if user is None:", "+        raise HTTPException(404, \"No such user\")", "     return {\"name\": user.name}"]}}, {"slug": "response_not_awaited", "title": "FastAPIError: Response not awaited", "rank": 41, "cause": "Your endpoint raised, the exception was thrown into the dependency at its `yield`, and an `except` there did not raise it again. FastAPI now has neither a response nor an exception, and reports that; what really happened is lost.", "says": ["Response not awaited. There's a high chance that the application code is raising an exception", "No response object was returned. There's a high chance that the application code is raising an exception", "a dependency with yield has a block with a bare except", "fastapi.exceptions.FastAPIError: Response not awaited", "await response(scope, receive, send)*cannot access local variable 'response'", "await response(scope, receive, send)*local variable 'response' referenced before assignment", "fastapi/routing.py*cannot access local variable 'response'"], "hint": ["except Exception", "session.rollback()", "yield session"], "classes": ["fastapi.exceptions.FastAPIError", "UnboundLocalError"], "layer": "FastAPI and pydantic", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/response_not_awaited.py", "rows": ["             await session.rollback()", "+            raise", " "]}}, {"slug": "already_attached", "title": "Object is already attached to session '1' (this is '2')", "rank": 42, "cause": "The object belongs to a session that is still open, and you add it to another one, or delete it there. In FastAPI the two are mostly the endpoint's session and one that the dependency for the current user has opened for itself.", "says": ["is already attached to session '*' (this is '*')", "is already attached to session"], "decisive": ["_before_attach"], "hint": ["session.add", "current_user", "get_current_user", "merge"], "classes": ["sqlalchemy.exc.InvalidRequestError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/already_attached.py", "rows": [" ", "-async def current_user() -> AsyncIterator[User]:", "-    async with session_factory() as session:", "-        yield await session.get_one(User, 1)", "+async def current_user(session: SessionDep) -> User:", "+    return await session.get_one(User, 1)", " "]}}, {"slug": "not_persistent", "title": "Instance is not persistent within this Session", "rank": 44, "cause": "You refresh or delete an object that has no row yet, or that this session does not hold. `refresh()` does not flush first, and it does not take in an object of another session.", "says": ["is not persistent within this Session", "is not persisted", "is not present in this Session"], "decisive": ["_validate_persistent", "_delete_impl"], "hint": ["session.refresh", "db.refresh", "session.delete", "session.expunge"], "classes": ["sqlalchemy.exc.InvalidRequestError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/not_persistent.py", "rows": ["     session.add(user)", "+    await session.commit()", "     await session.refresh(user)"]}}, {"slug": "detached_deferred", "title": "DetachedInstanceError: deferred load operation of attribute cannot proceed", "rank": 45, "cause": "You read a column that the query left out, because it is `deferred` in the model or because `load_only()` or `defer()` said so. It would be loaded now, but the session is closed.", "says": ["is not bound to a Session; deferred load operation of attribute"], "decisive": ["deferred load operation", "LoadDeferredColumns"], "hint": ["load_only", "defer(", "deferred=True", "undefer"], "classes": ["sqlalchemy.orm.exc.DetachedInstanceError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "bhk3", "fix": {"file": "snippets/errors/detached_deferred.py", "rows": ["     async with session_factory() as session:", "-        users = select(User).options(load_only(User.name))", "+        users = select(User).options(load_only(User.name, User.email))", "         return list(await session.scalars(users))"]}}, {"slug": "response_already_started", "title": "RuntimeError: Caught handled exception, but response already started.", "rank": 46, "cause": "An `HTTPException` (or any exception that has a handler) was raised when the response had already begun, most often in the code after the `yield` of a dependency. Your handler has nothing left to answer, the client keeps the status that it was sent, and the work is rolled back.", "says": ["Caught handled exception, but response already started.", "Caught handled exception, but response already started"], "hint": ["IntegrityError", "HTTPException", "after yield", "yield session", "_exception_handler.py", "wrapped_app"], "classes": ["RuntimeError"], "layer": "FastAPI and pydantic", "symptoms": ["500", "row-missing", "production"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "silent": true, "fix": {"file": "snippets/errors/response_already_started.py", "rows": [" ", "-SessionDep = Annotated[AsyncSession, Depends(get_session)]", "+SessionDep = Annotated[AsyncSession, Depends(get_session, scope=\"function\")]", " "]}}, {"slug": "stale_data", "title": "StaleDataError: UPDATE statement on table expected to update 1 row(s); 0 were matched", "rank": 46, "cause": "Your UPDATE or DELETE found no row: somebody changed it since you read it (the model has a version column), or deleted it. The version column has done its work, and your code has no answer yet.", "says": ["UPDATE statement on table '*' expected to update * row(s); * were matched", "expected to update 1 row(s); 0 were matched", "StaleDataError", "expected to delete * row(s); * were matched"], "decisive": ["row(s); 0 were matched", "version_id_col"], "hint": ["_emit_update_statements", "confirm_deleted_rows"], "classes": ["sqlalchemy.orm.exc.StaleDataError"], "layer": "ORM", "symptoms": ["500", "load"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/stale_data.py", "rows": [" import httpx", "-from fastapi import Depends, FastAPI", "+from fastapi import Depends, FastAPI, HTTPException", " from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", " from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column", "+from sqlalchemy.orm.exc import StaleDataError", " ", "@@ -35,3 +36,6 @@", "     document.body = await check_spelling(body)", "-    await session.commit()", "+    try:", "+        await session.commit()", "+    except StaleDataError:", "+        raise HTTPException(409, \"Somebody else has changed it: load it again\") from None", " "]}}, {"slug": "result_returns_no_rows", "title": "This result object does not return rows. It has been closed automatically.", "rank": 47, "cause": "You read rows from an UPDATE, an INSERT or a DELETE, and such a statement has none. With `returning()` it has; and how many rows it met is in `rowcount`.", "says": ["This result object does not return rows. It has been closed automatically", "This result object is closed"], "decisive": ["does not return rows"], "hint": ["returning", "update(", "delete(", "insert(", "rowcount"], "classes": ["sqlalchemy.exc.ResourceClosedError"], "layer": "engine and pool", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/result_returns_no_rows.py", "rows": [" async def rename(session: AsyncSession, user_id: int, name: str) -> str:", "-    query = update(User).where(User.id == user_id).values(name=name)", "+    query = update(User).where(User.id == user_id).values(name=name).returning(User.name)", "     stored: str = (await session.scalars(query)).one()"]}}, {"slug": "object_deleted", "title": "ObjectDeletedError: Instance has been deleted, or its row is otherwise not present", "rank": 48, "cause": "Your session holds an object whose row somebody has deleted since: another request, a job, or a DELETE statement of your own. It notices when it loads the expired object again, in a flush or in `refresh()`.", "says": ["has been deleted, or its row is otherwise not present", "Could not refresh instance"], "decisive": ["ObjectDeletedError"], "hint": ["session.refresh", "_load_expired", "load_scalar_attributes", "delete("], "classes": ["sqlalchemy.orm.exc.ObjectDeletedError", "sqlalchemy.exc.InvalidRequestError"], "layer": "ORM", "symptoms": ["500", "load"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/object_deleted.py", "rows": [" async def finish(session: AsyncSession, other: AsyncSession) -> None:", "-    job = await session.get_one(Job, 1)", "+    job = await session.get(Job, 1)", "+    assert job is not None", "     job.status = \"running\"", "@@ -21,2 +22,5 @@", "     await cancel(other)", "+    job = await session.get(Job, 1)", "+    if job is None:", "+        return", "     job.status = \"done\""]}}, {"slug": "text_required", "title": "Textual SQL expression should be explicitly declared as text(…)", "rank": 49, "cause": "You pass a plain string where SQLAlchemy wants an expression. Raw SQL is accepted only as `text()`, so that nobody runs a string by mistake.", "says": ["should be explicitly declared as text(", "Textual SQL expression", "Textual column expression", "Not an executable object", "Can't resolve label reference for ORDER BY"], "decisive": ["_no_text_coercion", "ObjectNotExecutableError"], "hint": ["execute(\"", "execute('", "execute(f\""], "classes": ["sqlalchemy.exc.ArgumentError", "sqlalchemy.exc.ObjectNotExecutableError", "sqlalchemy.exc.CompileError"], "layer": "engine and pool", "symptoms": ["500", "start"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/text_required.py", "rows": [" ", "+from sqlalchemy import text", " from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine", "@@ -17,3 +18,3 @@", "     result = await session.execute(", "-        \"SELECT count(*) FROM users\",  # type: ignore[call-overload]", "+        text(\"SELECT count(*) FROM users\"),", "     )"]}}, {"slug": "unmapped_instance", "title": "UnmappedInstanceError: Class 'builtins.dict' is not mapped", "rank": 50, "cause": "`session.add()`, `merge()`, `delete()` or `refresh()` was given something that is no instance of a model: a dict, a list, a pydantic schema, a row, `None`. The text names its class.", "says": ["UnmappedInstanceError", "Class 'builtins.dict' is not mapped", "Class 'builtins.list' is not mapped", "Class 'builtins.NoneType' is not mapped", "Class 'sqlalchemy.engine.row.Row' is not mapped"], "decisive": ["builtins.dict", "builtins.list", "builtins.NoneType", "object_state"], "hint": ["session.add", "db.add", "model_dump", "add_all"], "classes": ["sqlalchemy.orm.exc.UnmappedInstanceError"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/unmapped_instance.py", "rows": [" async def create_user(session: AsyncSession, body: UserIn) -> None:", "-    user = body.model_dump()", "+    user = User(**body.model_dump())", "     session.add(user)"]}}, {"slug": "async_scoped_session", "title": "'async_scoped_session' object has no attribute 'run_sync'", "rank": 52, "cause": "`async_scoped_session` is a registry of sessions and passes on only a list of the session's methods: what is not on the list is an `AttributeError`. Call it, `current()`, and you have the session itself.", "says": ["'async_scoped_session' object has no attribute", "'async_scoped_session' object does not support the asynchronous context manager protocol", "async_scoped_session.__init__() missing 1 required positional argument: 'scopefunc'"], "decisive": ["'async_scoped_session' object", "async_scoped_session"], "hint": ["scopefunc", "current_task", "sqlalchemy/ext/asyncio/scoping.py", "remove()"], "classes": ["AttributeError"], "layer": "engine and pool", "symptoms": ["500", "later", "load"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "fix": {"file": "snippets/errors/async_scoped_session.py", "rows": ["     try:", "-        print(await current.run_sync(name_of, 1))  # type: ignore[attr-defined]", "+        session = current()", "+        print(await session.run_sync(name_of, 1))", "     finally:"]}}, {"slug": "identity_map_no_longer_valid", "title": "Object cannot be converted to 'persistent' state, as this identity map is no longer valid", "rank": 55, "cause": "You read on from `session.stream()` or `stream_scalars()` after the session was closed or committed. The rows come through a cursor that ended with the transaction, and the objects would belong to a session that is closed.", "says": ["cannot be converted to 'persistent' state, as this identity map is no longer valid", "this identity map is no longer valid", "cursor cannot be created outside of a transaction", "(psycopg.errors.InvalidCursorName) cursor"], "decisive": ["Has the owning Session been closed", "NoActiveSQLTransactionError", "InvalidCursorName", "_killed"], "hint": ["stream_scalars", "session.stream", "yield_per", "StreamingResponse"], "classes": ["sqlalchemy.exc.InvalidRequestError", "asyncpg.exceptions.NoActiveSQLTransactionError", "sqlalchemy.exc.ProgrammingError", "psycopg.errors.InvalidCursorName"], "layer": "ORM", "symptoms": ["500"], "drivers": ["aiosqlite", "asyncpg", "psycopg"], "code": "lkrp", "fix": {"file": "snippets/errors/identity_map_no_longer_valid.py", "rows": ["         users = await session.stream_scalars(select(User))", "-    async for user in users:", "-        yield user", "+        async for user in users:", "+            yield user", " "]}}]);
})();
