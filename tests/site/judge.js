// What axe objects to on this page. Contrast takes it longest by far: it judges each of thousands of words, and nearly all
// look as words of the pages before. So a word is left out whose looks have passed in this tab; all else is judged.
window.judge = (() => {
  // What a page leaves for later, because it is far from the screen, is judged now.
  const all = new CSSStyleSheet();
  all.replaceSync("* { content-visibility: visible !important }");
  document.adoptedStyleSheets.push(all);

  const FEW = 30, SAMPLE = 5; // Elements that are judged without more ado; elements that stand for all of their looks.
  const kept = (name) => ({
    names: new Set(JSON.parse(sessionStorage.getItem(name) ?? "[]")),
    keep() {
      sessionStorage.setItem(name, JSON.stringify([...this.names]));
    },
  });

  async function run(elements, options) {
    for (const element of elements) element.dataset.judged = "";
    axe.configure({ rules: [{ id: "color-contrast", selector: "[data-judged]" }] });
    return axe.run({ ...options, selectors: false });
  }

  /** Has some of each looks judged. Looks of which none passes, or of which one fails, are judged on every page anew. */
  async function learn(groups, passed, open) {
    const sample = groups.flatMap(([, elements]) => elements.slice(0, SAMPLE));
    const results = await run(sample, { runOnly: ["color-contrast"], resultTypes: ["passes", "violations"], elementRef: true });
    for (const element of sample) delete element.dataset.judged;
    const elementsOf = (kind) => new Set(results[kind].flatMap(({ nodes }) => nodes.map(({ element }) => element)));
    const good = elementsOf("passes"), bad = elementsOf("violations");
    for (const [looks, elements] of groups) {
      const isGood = elements.some((element) => good.has(element)) && !elements.some((element) => bad.has(element));
      (isGood ? passed : open).names.add(looks);
    }
    passed.keep();
    open.keep();
  }

  async function wordsToJudge() {
    const passed = kept("looks that pass"), open = kept("looks that stay open");
    const groups = [...looksOfTexts()].filter(([looks]) => !passed.names.has(looks));
    const unknown = groups.filter(([looks]) => !open.names.has(looks));
    if (unknown.flatMap(([, elements]) => elements).length > FEW) await learn(unknown, passed, open);
    return groups.filter(([looks]) => !passed.names.has(looks)).flatMap(([, elements]) => elements);
  }

  /** A coloured word that has a class and nothing else is of no account to the other rules, and there are thousands. */
  function unwrapTokens(kept) {
    document.body.hidden = true;
    for (const token of document.querySelectorAll(".highlight span"))
      if (!kept.has(token) && token.getAttributeNames().every((name) => name === "class")) token.replaceWith(...token.childNodes);
    document.body.hidden = false;
  }

  /** By some rules of axe, or by all; the coloured words are gone then. */
  return async (rules) => {
    const words = new Set(await wordsToJudge());
    if (!rules) unwrapTokens(words);
    const { violations } = await run(words, { ...(rules && { runOnly: rules }), resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes: [first, ...others] }) => {
      const reason = [...first.any, ...first.all, ...first.none].map(({ message }) => message).join("; ");
      return [`${id}: ${help}: ${reason}`, ...[first, ...others.slice(0, 2)].map(({ html }) => `    ${html.slice(0, 160)}`)].join("\n");
    });
  };
})();
