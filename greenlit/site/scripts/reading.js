// Tabs, and the buttons that copy: one listener for a page, however many there are of them.
{
  const folder = document.currentScript.src;

  // Who reads about one driver reads about it in all ledgers, and on the next page.
  const KEPT = "greenlit.tabs";
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? [];
    } catch {
      return [];
    }
  };
  const keep = (names) => {
    try {
      localStorage.setItem(KEPT, JSON.stringify(names.slice(0, 20)));
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
  };
  const choose = (names) => {
    for (const name of [...names].reverse())
      for (const label of document.querySelectorAll(".gl-tabs > label"))
        if (label.textContent === name) label.previousElementSibling.checked = true;
  };
  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".gl-tabs > input")) return;
    const name = target.nextElementSibling.textContent;
    const place = () => target.nextElementSibling.getBoundingClientRect().top;
    const before = place();
    choose([name]);
    scrollBy({ top: place() - before, behavior: "instant" });
    keep([name, ...read().filter((other) => other !== name)]);
  });

  // The script that copies is fetched when somebody comes near its buttons; a click that is faster waits for it.
  const BUTTONS = ".gl-copy, .gl-more, .gl-page";
  let fetched;
  const fetching = () =>
    (fetched ??= new Promise((resolve) => {
      const src = new URL("copying.js", folder).href;
      document.head.append(Object.assign(document.createElement("script"), { src, onload: resolve }));
    }));
  for (const type of ["focusin", "pointerover"])
    document.addEventListener(type, ({ target }) => target instanceof Element && target.closest(BUTTONS) && fetching());
  document.addEventListener("click", (event) => {
    const button = event.target.closest(`${BUTTONS}, .gl-copies > *`);
    if (button?.localName === "button") fetching().then(() => window.copying(button));
  });

  // Paper is white, whatever the screen is.
  const { dataset } = document.body;
  let scheme;
  addEventListener("beforeprint", () => ([scheme, dataset.mdColorScheme] = [dataset.mdColorScheme, "default"]));
  addEventListener("afterprint", () => (dataset.mdColorScheme = scheme));

  const shown = () => choose(read());
  window.document$ ? window.document$.subscribe(shown) : shown();
}
