// The scripts of the calculator and of the lists of errors are fetched where they are shown, the doctor's when somebody turns to it.
{
  const folder = document.currentScript.src;
  const fetched = (name, onerror) => {
    const src = new URL(name, folder).href;
    if (!document.querySelector(`script[src="${src}"]`)) document.head.append(Object.assign(document.createElement("script"), { src, onerror }));
  };
  const blocked = () => document.querySelectorAll(".gl-blocked").forEach((said) => (said.hidden = false));
  const turn = ({ target }) => target instanceof Element && target.closest(".gl-doctor") && fetched("doctor.js", blocked);
  for (const type of ["focusin", "pointerover", "dragover"]) document.addEventListener(type, turn);
  // What runs a snippet here is fetched when somebody asks for it.
  const play = (what, on) =>
    import(new URL("playground/play.mjs", folder))
      .then((made) => made[what](on))
      .catch(() => (on.textContent = "Not loaded"));
  document.addEventListener("click", ({ target }) => target instanceof Element && target.matches(".gl-try") && play("open", target));
  const shown = () => {
    for (const at of document.querySelectorAll(".gl[data-run] .filename, .gl-claims[data-run] > .gl-proven"))
      if (!at.querySelector(".gl-try")) at.insertBefore(Object.assign(document.createElement("button"), { className: "gl-try", textContent: "Run" }), at.querySelector("button"));
    const place = document.querySelector(".gl-here");
    if (place) play("here", place);
    for (const name of ["calculator", "filter"]) if (document.querySelector(`.gl-${name}`)) fetched(`${name}.js`, blocked);
  };
  window.document$ ? window.document$.subscribe(shown) : shown();
}
