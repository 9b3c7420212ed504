// Material fetches the search index and starts its worker on every page. Most readers never search:
// both wait here until the search box is touched, and so does search_words.js.
(() => {
  const words = new URL("search_words.js", document.currentScript.src).href;
  let touch;
  const touched = new Promise((resolve) => {
    touch = () => {
      touch = () => {};
      document.head.append(Object.assign(document.createElement("script"), { src: words, onload: resolve }));
    };
  });
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

  const SETUP = 0, QUERY = 2, RESULT = 3; // The types of the messages between Material and its worker.

  const RealWorker = window.Worker;
  window.Worker = class extends EventTarget {
    constructor(...given) {
      if (!String(given[0]).includes("/search.")) return new RealWorker(...given);
      super();
      this.queue = [];
      touched.then(() => {
        this.real = new RealWorker(...given);
        this.real.onmessage = ({ data }) => {
          const { rank, read } = searchWords;
          if (data.type === RESULT) rank(data.data.items, this.query, (this.pages ??= read(this.docs)));
          this.dispatchEvent(new MessageEvent("message", { data }));
        };
        for (const message of this.queue) this.postMessage(message);
      });
    }
    postMessage(message) {
      if (!this.real) return void this.queue.push(message);
      if (message.type === SETUP) this.docs = message.data.docs;
      if (message.type === QUERY) {
        this.query = searchWords.plain(message.data);
        message = { ...message, data: searchWords.words(this.query) };
      }
      this.real.postMessage(message);
    }
    terminate() {
      this.real?.terminate();
    }
  };
})();
