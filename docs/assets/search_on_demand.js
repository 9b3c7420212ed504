// Material fetches the search index and starts its worker on every page. Most readers never search:
// both wait here until the search box is touched.
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
      if (this.real) this.real.postMessage(message);
      else this.queue.push(message);
    }
    terminate() {
      this.real?.terminate();
    }
  };
})();
