// Scripts that a few pages need, fetched by those pages alone: the calculator when its page is shown,
// the doctor when somebody turns to it.
{
  const folder = document.currentScript.src;
  const fetched = (name) => {
    const src = new URL(name, folder).href;
    if (!document.querySelector(`script[src="${src}"]`)) document.head.append(Object.assign(document.createElement("script"), { src }));
  };
  const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js");
  for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
  const shown = () => document.querySelector(".gl-calculator") && fetched("calculator.js");
  window.document$ ? window.document$.subscribe(shown) : shown();
}
