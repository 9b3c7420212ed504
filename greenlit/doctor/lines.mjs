// Which parts of a text are read. A traceback also quotes the source of libraries, and values: an `except CancelledError`
// in a line of asyncio says nothing about what went wrong. And a terminal breaks lines in the middle of a word.

export const READ = 0, AS_SPACE = 1, NOT_AT_ALL = 2;

const LOOKED_AT = 300; // Characters at the beginning of a line: more does not tell what it is.
const LIBRARY = ["site-packages", "dist-packages", "lib/python3", "lib\\python3", "\\lib\\asyncio", "/asyncio/", "<frozen ", "~/.pyenv"];
const SHORTEST = 8; // Characters of a line that names an error.
const NARROWEST = 60; // Columns of a terminal that breaks lines.
const WRAPPED = 3; // So many lines of the greatest width: they were broken there.
const OF_LAST = 700; // Characters that belong to the last error.
const LONGEST_LOCALS = 200000;

// Each is tried at the beginning of a line, on so few characters that no text makes it slow.
const FRAME = /^(?<before>.*?)File \\*"(?<path>[^"]+?)\\*", line \d+/;
const BARE_FRAME = /^\W*(?:File )?(?<path>[^\s"'][^"']*?\.py)(?::\d+(?:, in| in\b)|, line \d+, in )/; // IPython, rich, Starlette's page.
const OLD_IPYTHON = /^(?<path>\S+\.py) in \w+\(/;
const WRAPPED_FRAME = /(?::\d+| in)[\s│]*$/;
const HTML_FRAME = /class="frame-filename">(?<path>[^<]+)/; // Starlette's page
const PYTEST_FRAME = /^(?<path>[^\s"']+\.py):\d+:(?<short> in \w)?/;
const STARTS_WITH_NAME = /^[A-Za-z_]/;
const ARROW = /^[\s│|]*(?:❱|-+>)/; // Where it was, in IPython and rich.
const VALUE = /^[\s|]*[│└]/; // loguru
const SEPARATOR = /^(?:_ ){3}|^_{3,} /;
const RAISED = /(?:^|[\s|│>])(?:\w+\.)*[A-Z]\w*(?:Error|Exception|Greenlet|Required|Found|Timeout|Violation|Failure|Deadlock\w*|Detected|Busy|Warning|InitializeError|Group|Statement\w*|Cursor\w*|Connections|Ambiguous\w*)(?:: |:?[\s│]*$)/;

/** For each character whether it is read; where the last error that is named begins and ends, and the innermost line of the reader's own. */
export function layout(given) {
  const kept = new Uint8Array(given.length);
  const lines = split(given);
  const width = brokenAt(given, lines);
  let frame = null, block = 0, last = -1, boxed = false, mine = null;
  lines.forEach(([from, to], number) => {
    const line = given.slice(from, Math.min(to, from + LOOKED_AT));
    const next = frameOf(line);
    if (frame?.mine && !next && line.trim()) {
      const more = belongs(frame, line);
      if (more) mine = [mine[0], to];
      frame.mine = more && frame.kind === "numbered" && !ARROW.test(line);
    }
    if (next) {
      frame = next;
      if (!next.library) {
        mine = [from, to];
        next.mine = true;
      }
      if (next.kind === "pytest" && !next.short) {
        if (next.library) for (let i = block; i < number; i++) if (given[lines[i][0]] !== "E") leave(kept, ...lines[i]);
        frame = null;
        block = number + 1;
      }
    } else if (SEPARATOR.test(line)) block = number + 1;
    if (/ locals ─/.test(line)) boxed = true;
    const named = frame?.namedNext; // rich breaks "engine/base.py:143 in" before the function's name.
    if (frame) frame.namedNext = Boolean(next) && WRAPPED_FRAME.test(line);
    const quoted = !next && frame && !named && belongs(frame, line);
    if (boxed || (quoted && (frame.library || (frame.kind === "python" && VALUE.test(line))))) leave(kept, from, to);
    else if (!next && to - from >= SHORTEST && RAISED.test(line)) last = from;
    if (!next && frame && !named && !quoted && line.trim()) frame = null;
    if (boxed && line.includes("╯")) boxed = false;
    if (width && to - from === width && given[to] === "\n" && goesOn(given, to + 1)) kept[to] = NOT_AT_ALL;
  });
  leaveLocals(given, kept);
  return { kept, last: last < 0 ? [0, 0] : [last, last + OF_LAST], mine };
}

/** Lines as [from, to]; a line of JSON holds several, with `\n` as two characters. */
function split(given) {
  const lines = [];
  let from = 0;
  for (let i = 0; i <= given.length; i++) {
    const escaped = given[i] === "\\" && given[i + 1] === "n";
    if (i < given.length && given[i] !== "\n" && !escaped) continue;
    lines.push([from, i]);
    if (escaped) i++;
    from = i + 1;
  }
  return lines;
}

function frameOf(line) {
  if (!line.includes(".py") && !line.includes('", line ')) return null;
  let match = FRAME.exec(line);
  if (match) return { kind: "python", before: match.groups.before, library: ofLibrary(match.groups.path) };
  match = PYTEST_FRAME.exec(line);
  if (match) return { kind: "pytest", short: Boolean(match.groups.short), before: "", library: ofLibrary(match.groups.path) };
  match = HTML_FRAME.exec(line);
  if (match) return { kind: "html", library: ofLibrary(match.groups.path) };
  match = BARE_FRAME.exec(line) ?? OLD_IPYTHON.exec(line);
  return match && { kind: "numbered", library: ofLibrary(match.groups.path) };
}

const ofLibrary = (path) => LIBRARY.some((part) => path.includes(part));

/** Whether a line after a frame quotes its source. */
function belongs(frame, line) {
  if (frame.kind === "html") return !line.includes("<h");
  if (frame.kind === "numbered") return line.trim() !== "" && !line.startsWith("╰") && !(STARTS_WITH_NAME.test(line) && RAISED.test(line));
  const deeper = frame.kind === "pytest" ? "   " : frame.before;
  return line.startsWith(`${deeper} `) || line.startsWith(`${/\s*$/.exec(deeper)[0]}  `);
}

function leave(kept, from, to) {
  kept.fill(AS_SPACE, from, to);
}

/** The width at which a terminal broke lines; 0 if nothing looks like it. */
function brokenAt(given, lines) {
  let width = 0, times = 0;
  for (const [from, to] of lines) {
    if (to - from > width) [width, times] = [to - from, 1];
    else if (to - from === width) times++;
  }
  return width >= NARROWEST && width <= LOOKED_AT && times >= WRAPPED ? width : 0;
}

const goesOn = (given, at) => at < given.length && !" \t\n\r│|".includes(given[at]) && !given.startsWith("Traceback", at) && !given.startsWith("File ", at);

/** Values that a logger wrote beside each frame: `"locals": {…}`. */
function leaveLocals(given, kept) {
  for (let at = given.indexOf('"locals": {'); at >= 0; at = given.indexOf('"locals": {', at + 1)) {
    let depth = 0, quoted = false, i = at + 10;
    for (const end = Math.min(given.length, at + LONGEST_LOCALS); i < end; i++) {
      if (given[i] === "\\") i++;
      else if (given[i] === '"') quoted = !quoted;
      else if (!quoted && given[i] === "{") depth++;
      else if (!quoted && given[i] === "}" && --depth === 0) break;
    }
    leave(kept, at, Math.min(i, given.length));
    at = i;
  }
}
