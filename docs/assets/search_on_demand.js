// Material fetches the search index and starts its worker on every page. Most readers never search:
// both wait here until the search box is touched. And what is typed there may be an error message, whose
// quotes, colons and dashes would be commands to the search: see `plain`.
(() => {
  let touch;
  const touched = new Promise((resolve) => (touch = resolve));
  const isSearch = (node) => node instanceof Element && node.closest("[data-md-component=search], [for=__search]");
  for (const type of ["focusin", "pointerdown"])
    document.addEventListener(type, (event) => isSearch(event.target) && touch(), true);
  if (new URLSearchParams(location.search).has("q")) touch();

  const { open, send } = XMLHttpRequest.prototype;
  const waiting = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    if (String(url).endsWith("search/search_index.json")) waiting.add(this);
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    if (waiting.has(this)) touched.then(() => send.call(this, body));
    else send.call(this, body);
  };

  // The box listens to keys only: a message pasted with the mouse would wait for one.
  document.addEventListener("input", ({ target, inputType }) => {
    if (inputType === "insertFromPaste" && isSearch(target)) target.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  });

  const QUERY = 2; // The type of Material's message to its worker.

  /** Of an error message, the words that pages share with it. */
  function plain(query) {
    // Of a whole traceback, the last error is what counts.
    const errors = [...query.matchAll(/(?:^|[\s(.])(\w+(?:Error|Exception|Warning|Greenlet|Found|Mismatch)): /g)];
    if (query.length > 200 && errors.length) query = query.slice(errors.at(-1).index);
    return query
      .slice(0, 400)
      .replace(/https?:\/\/\S+|\(Background on this error.*|\[(?:SQL|parameters): .*/g, " ")
      .replace(/<[^>]*>|0x[0-9a-f]+|\b\d{4,}\b/gi, " ")
      .replace(/\b(?:[a-z_]+\.)+(?=[A-Z])/g, " ") // the module before a class
      .replace(/["`“”(){}[\]<>:;,!?=*+~^|/\\]|--|\s-|\.(?=\s|$)|(?<!\w)['‘’]|['’](?!\w)/g, " ")
      .trim()
      .replace(/\s+/g, " ");
  }

  const RealWorker = window.Worker;
  window.Worker = class extends EventTarget {
    constructor(...given) {
      super();
      this.queue = [];
      touched.then(() => {
        this.real = new RealWorker(...given);
        this.real.onmessage = ({ data }) => this.dispatchEvent(new MessageEvent("message", { data }));
        for (const message of this.queue) this.real.postMessage(message);
      });
    }
    postMessage(message) {
      if (message.type === QUERY && typeof message.data === "string") message = { ...message, data: plain(message.data) };
      if (this.real) this.real.postMessage(message);
      else this.queue.push(message);
    }
    terminate() {
      this.real?.terminate();
    }
  };
})();
