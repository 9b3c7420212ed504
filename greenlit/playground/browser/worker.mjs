// Runs files in Python, away from the page: it gets {source, name}, and says what is printed and how it ends.
import { loadPyodide } from "./pyodide.mjs";

const here = new URL(".", import.meta.url).href;
const say = (kind, value) => postMessage({ kind, value });

// The large files come compressed, whatever the host does; what has come is counted.
const plainFetch = self.fetch;
let received = 0;
const counted = () =>
  new TransformStream({
    transform(part, controller) {
      say("received", (received += part.byteLength));
      controller.enqueue(part);
    },
  });
self.fetch = async (what, options) => {
  const url = String(what.url ?? what);
  const packed = url.endsWith(".wasm");
  const response = await plainFetch(packed ? `${url}.gz` : what, options);
  if (!response.ok) {
    const error = new Error(`${url} was not loaded: ${response.status}`);
    say("failed", String(error)); // Pyodide waits for its WebAssembly for ever.
    throw error;
  }
  let body = response.body.pipeThrough(counted());
  if (packed) body = body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(body, packed ? { headers: { "Content-Type": "application/wasm" } } : {});
};

// What a file that runs here shall not have: a way out, and what the site keeps in the browser.
const NETWORK = "fetch XMLHttpRequest WebSocket WebSocketStream WebTransport EventSource Worker BroadcastChannel importScripts indexedDB caches cookieStore".split(" ");

async function load() {
  const [python, packages] = await Promise.all([
    loadPyodide({ indexURL: here, lockFileContents: LOCK_OF_PYODIDE }),
    fetch(`${here}packages.zip`).then((response) => response.arrayBuffer()),
  ]);
  say("loaded");
  python.registerJsModule("carrier", {
    start: (body) => void body.callPromising().finally(() => body.destroy()),
    later: (wake, milliseconds) => void setTimeout(wake, milliseconds),
    said: say,
  });
  python.unpackArchive(packages, "zip", { extractDir: "/packages" });
  python.runPython("import sys; sys.path.insert(0, '/packages')");
  const { run } = python.pyimport("run");
  for (const name of NETWORK) Object.defineProperty(self, name, { value: undefined });
  return run;
}

const ready = load();
ready.then(() => say("ready"), (error) => say("failed", String(error)));

onmessage = async ({ data: { source, name } }) => {
  try {
    const run = await ready;
    say("begun");
    const ending = await run.callPromising(source, name);
    say("ended", JSON.parse(ending));
  } catch (error) {
    say("failed", String(error));
  }
};
