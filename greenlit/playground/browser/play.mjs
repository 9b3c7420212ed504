// The editor below a snippet: it is fetched when somebody presses Run. Code from a link is shown, and never run by itself.
import { Runner } from "./runner.mjs";

const TWINS = TWINS_OF_ALL;
const BUT_FOR_THE_LEDGER = new Set(WITHOUT_A_LEDGER);
const SIZE = SIZE_OF_ALL;
const COUNTED = SIZE_OF_FILES;
const VERSIONS = "VERSIONS_OF_ALL";
const FOLDER = new URL(".", import.meta.url);
const SITE = new URL("../../", FOLDER);
const EXAMPLE = "expiry/read_after_commit/read_breaks";
const LONGEST_LINK = 100_000;

const runner = new Runner(FOLDER);
let loaded = false;
let numbers = 0;

const make = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
};
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

const styled = () => {
  const href = new URL("play.css", FOLDER).href;
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(make("link", { rel: "stylesheet", href }));
};

async function source(name) {
  const response = await fetch(new URL(`snippets/${name}.py`, SITE));
  if (!response.ok) throw new Error(`snippets/${name}.py was not loaded: ${response.status}`);
  return response.text();
}

// The code of a link, in the address' fragment: compressed, and in letters that an address may have.
const through = (bytes, stream) => new Blob([bytes]).stream().pipeThrough(stream);

export async function packed(name, code) {
  const bytes = new Uint8Array(await new Response(through(`${name}\n${code}`, new CompressionStream("deflate-raw"))).arrayBuffer());
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

export async function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const reader = through(bytes, new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader.read(); !part.done && text.length <= LONGEST_LINK; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
  }
  if (text.length > LONGEST_LINK) throw new Error("too long");
  const [name, ...lines] = text.split("\n");
  if (!/^[\w/]{1,200}$/.test(name)) throw new Error("no name");
  return { name, code: lines.join("\n") };
}

// The keys of an editor: Tab indents, Escape lets the next Tab leave, Enter keeps the indentation.
function keys(box, run) {
  let leaving = false;
  const insert = (text) => document.execCommand("insertText", false, text) || box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.addEventListener("keydown", (event) => {
    const { key, shiftKey, ctrlKey, metaKey } = event;
    if (key === "Enter" && (ctrlKey || metaKey)) run();
    else if (key === "Escape") return void (leaving = true);
    else if (key === "Tab" && !shiftKey && !leaving) insert("    ");
    else if (key === "Enter") {
      const line = box.value.slice(0, box.selectionStart).split("\n").at(-1);
      insert(`\n${/^ */.exec(line)[0]}${/:\s*$/.test(line) ? "    " : ""}`);
    } else return void (leaving &&= key === "Shift");
    event.preventDefault();
  });
  box.addEventListener("blur", () => (leaving = false));
}

// What each line did, as the pages show it; the rail runs while a connection is checked out.
const KINDS = { transaction: "txn" };
const GIVES_BACK = ["checkin", "invalidate", "close"];

function ledgerOf(entries) {
  const several = new Set(entries.flatMap(([, , , events]) => events.map(([, , connection]) => connection))).size > 1;
  const held = new Set();
  const row = (className, ...inside) => make("li", { className: `${className}${held.size ? " gl-play-held" : ""}` }, ...inside);
  const rows = entries.flatMap(([line, code, leaving, events]) => [
    row("gl-play-line", make("span", { textContent: leaving ? `${line} leaving` : line }), make("code", { textContent: code })),
    ...events.map(([kind, text, connection]) => {
      if (kind === "pool" && text === "checkout") held.add(connection);
      const shown = row(`gl-play-${kind}`, make("span", { textContent: `${KINDS[kind] ?? kind}${several ? ` #${connection}` : ""}` }), make("code", { textContent: text }));
      if (kind === "pool" && GIVES_BACK.includes(text)) held.delete(connection);
      return shown;
    }),
  ]);
  return make("details", { className: "gl-play-ledger", open: entries.length < 60 }, make("summary", { textContent: "What each line did" }), make("ol", {}, ...rows));
}

class Panel {
  constructor(name, code, { given = false, opener } = {}) {
    this.name = name;
    this.original = code;
    this.given = given;
    this.opener = opener;
    const id = `gl-play-${++numbers}`;
    this.box = make("textarea", { id, value: code, spellcheck: false, autocomplete: "off", autocapitalize: "off", wrap: "off", "aria-describedby": `${id}-note` });
    this.label = make("label", { htmlFor: id });
    this.runs = make("button", { type: "button", className: "gl-play-run", onclick: () => this.run() });
    this.stops = make("button", { type: "button", textContent: "Stop", hidden: true, onclick: () => runner.stop() });
    this.twin = make("button", { type: "button", onclick: () => this.turn() });
    this.status = make("p", { role: "status" });
    this.bar = make("progress", { hidden: true, max: COUNTED, value: 0, "aria-label": "Fetched" });
    this.out = make("div", { className: "gl-play-out", tabIndex: 0, role: "region", "aria-label": "Output", hidden: true });
    const tool = (textContent, onclick) => make("button", { type: "button", textContent, onclick });
    this.root = make(
      "section", { className: "gl gl-play", "aria-label": "Run it in your browser" },
      make("div", { className: "gl-play-bar" }, this.label, this.runs, this.stops, this.twin, tool("Reset", () => this.reset()),
        tool("Copy", () => this.copy(this.box.value, "Copied.")), tool("Link to this version", () => this.link()), ...(opener ? [tool("Close", () => this.close())] : [])),
      this.box, this.bar, this.status, this.out,
      make("p", { id: `${id}-note`, className: "gl-play-note", textContent: this.note() }),
    );
    keys(this.box, () => this.run());
    this.refresh();
  }

  // Where the reader was: at the section that the page shows.
  show(section) {
    const { value } = this.box;
    const at = Math.max(0, value.indexOf(section.trim().split("\n")[0]));
    this.root.scrollIntoView();
    this.box.focus({ preventScroll: true });
    this.box.setSelectionRange(at, at);
    const line = parseFloat(getComputedStyle(this.box).lineHeight) || 20;
    this.box.scrollTop = line * (value.slice(0, at).split("\n").length - 2);
  }

  note() {
    const missing = "Your browser cannot run it: that takes JavaScript Promise Integration, which Chrome and Edge have from 137 on, Firefox from 153, and Safari from 27. ";
    return `${this.able ? "" : missing}It runs on SQLite, in your browser: ${VERSIONS}. Nothing is sent anywhere. After ten seconds a run is stopped. Tab indents; after Escape, Tab leaves the box. Ctrl+Enter runs.`;
  }

  get able() {
    return typeof WebAssembly === "object" && "Suspending" in WebAssembly;
  }

  refresh() {
    const twin = TWINS[this.name];
    this.label.textContent = `${this.name.split("/").at(-1)}.py`;
    this.twin.hidden = !twin || this.given;
    this.twin.textContent = this.name.endsWith("_breaks") ? "Show it with the fix" : "Take the fix away";
    this.runs.textContent = loaded ? "Run" : `Run (fetches ${megabytes(SIZE)} MB, once)`;
    this.runs.disabled = !this.able;
  }

  say(text) {
    this.status.textContent = text;
  }

  print(kind, text) {
    this.out.hidden = false;
    let last = this.out.lastElementChild;
    if (last?.dataset.kind !== kind) this.out.append((last = make("pre", { "data-kind": kind })));
    last.append(text);
  }

  async run() {
    if (!this.able) return;
    if (runner.end) runner.stop();
    this.out.replaceChildren();
    this.out.hidden = this.runs.hidden = this.stops.hidden = false;
    this.runs.hidden = true;
    try {
      await this.load();
      this.say("Running");
      this.end(await runner.run(this.box.value, `${this.name.split("/").at(-1)}.py`, (kind, text) => this.print(kind, kind === "cut" ? "\nMore is left out." : text)));
    } catch (error) {
      this.say(`It could not be loaded: ${error.message}`);
    }
    this.runs.hidden = false;
    this.stops.hidden = true;
    this.bar.hidden = true;
    this.refresh();
  }

  async load() {
    if (!loaded) {
      this.say(`Fetching ${megabytes(SIZE)} MB`);
      this.bar.hidden = false;
    } else this.say("Starting Python");
    await runner.start((bytes) => {
      this.bar.value = bytes;
      if (bytes >= COUNTED) this.say("Starting Python");
    });
    this.bar.hidden = true;
    loaded = true;
  }

  // Of what is known to differ here, no ledger is shown.
  end(ending) {
    if (ending.late) return this.say("Stopped: it had not ended after ten seconds.");
    if (ending.failed) return this.say("Its worker has failed. Run it once more.");
    if (ending.stopped) return this.say("Stopped.");
    if (ending.error) {
      this.print("error", ending.short);
      if (ending.story !== ending.short) this.out.append(make("details", {}, make("summary", { textContent: "The whole traceback" }), make("pre", { textContent: ending.story })));
    }
    if (ending.ledger.length && !BUT_FOR_THE_LEDGER.has(this.name)) {
      this.out.hidden = false;
      this.out.append(ledgerOf(ending.ledger));
    }
    this.say(`${ending.error ? `Ended with ${ending.error}` : "Ended without an error"} after ${Math.max(ending.seconds, 0.01).toFixed(2)} s.`);
  }

  set(name, code) {
    this.name = name;
    this.box.value = this.original = code;
    this.out.hidden = true;
    this.say("");
    this.refresh();
  }

  async turn() {
    const twin = TWINS[this.name];
    if (this.box.value !== this.original && !confirm("Your changes go with it. Show the other file?")) return;
    try {
      this.set(twin, await source(twin));
    } catch (error) {
      this.say(error.message);
    }
  }

  reset() {
    this.box.value = this.original;
    this.out.hidden = true;
    this.say("As it was.");
  }

  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      this.say(done);
    } catch {
      this.say("Your browser does not let this page copy.");
    }
  }

  async link() {
    const url = new URL("playground/", SITE);
    url.hash = `run=${await packed(this.name, this.box.value)}`;
    await this.copy(url.href, "The link is copied. The code is in it, and nowhere else.");
  }

  close() {
    if (this.runs.hidden) runner.stop();
    this.root.remove();
    this.opener?.focus();
  }
}

// Below the snippet whose button was pressed; pressed again, it leads there.
export async function open(button) {
  styled();
  const box = button.closest("[data-run]");
  const next = box.nextElementSibling;
  if (next?.classList.contains("gl-play")) return next.querySelector("textarea").focus();
  const name = /snippets\/(.+)\.py/.exec(box.querySelector("a[href*='snippets/']").href)[1];
  button.disabled = true;
  try {
    const panel = new Panel(name, await source(name), { opener: button });
    box.after(panel.root);
    panel.show(box.querySelector("pre > code")?.textContent ?? "");
  } finally {
    button.disabled = false;
  }
}

// On the page of the playground: the code of the link, or an example.
export async function here(place) {
  if (place.dataset.shown === location.hash) return;
  place.dataset.shown = location.hash;
  styled();
  const letters = /^#run=([\w-]+)$/.exec(location.hash)?.[1];
  let panel, problem;
  if (letters) {
    try {
      const { name, code } = await unpacked(letters);
      panel = new Panel(name, code, { given: true });
      panel.say("This code comes from a link. Read it before you run it.");
    } catch {
      problem = "The code in this link cannot be read. Here is an example.";
    }
  }
  panel ??= new Panel(EXAMPLE, await source(EXAMPLE));
  if (problem) panel.say(problem);
  place.replaceChildren(panel.root);
}
