// Two things that Material's script adds to a page and that get in the way of a screen reader or a keyboard.
new MutationObserver((changes) => {
  for (const node of changes.flatMap(({ addedNodes }) => [...addedNodes])) {
    if (!(node instanceof Element)) continue;
    const all = (selector) => [...node.querySelectorAll(selector), ...(node.matches(selector) ? [node] : [])];
    // Each copy button comes in a <nav>: dozens of landmarks of the same name.
    for (const nav of all(".md-code__nav")) nav.setAttribute("role", "none");
    // Wide tables scroll in a box of their own, which the keyboard must be able to reach.
    for (const box of all(".md-typeset__scrollwrap")) box.tabIndex = 0;
  }
}).observe(document.body, { childList: true, subtree: true });
