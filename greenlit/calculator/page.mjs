// The calculator on a page: numbers in, sentences out, at every keystroke.
import { reckon } from "./reckon.mjs";

function start() {
  const arm = () => {
    for (const form of document.querySelectorAll(".gl-calculator:not([data-armed])")) {
      form.dataset.armed = "";
      const answer = () => show(form, values(form));
      form.addEventListener("input", answer);
      answer();
    }
  };

  const values = (form) =>
    Object.fromEntries([...form.querySelectorAll("input")].map(({ name, value, min }) => [name, Math.max(Number(min), Number(value) || 0)]));

  function show(form, given) {
    const found = reckon(given);
    const { processes, atWorst, available, fits, utilisation, waitMs, limit, limitRate, suggested, enough, room } = found;
    const lines = [
      ["At worst", `${atWorst} connections: ${processes} processes × ${found.perProcess}. The server has ${available}.`, fits],
      ["In use on average", `${number(found.inUse)} in all, ${number(found.offered)} in each process (Little's law).`, true],
      ["Utilisation of the pool", `${Math.round(utilisation * 100)} %`, utilisation < 0.9],
      ["Mean wait for a connection", waitMs === Infinity ? "without end: more comes in than goes out." : `${number(waitMs)} ms at most`, waitMs <= given.heldMs],
      ["The limit that you hit first",
        limit === "pool" ? `the pool, at ${Math.floor(limitRate)} requests a second.`
        : `the server, at ${Math.floor(limitRate)} requests a second: it refuses connections that the pools still allow.`, true],
      ["Large enough", enough ? `pool_size=${suggested}, max_overflow=0 in each process: ${number(found.suggestedWaitMs)} ms of waiting.`
        : `not to be had: ${found.wanted} a process would be, and ${room} are left. Fewer processes, a shorter hold, a larger max_connections, or PgBouncer.`, enough],
    ];
    form.querySelector("dl").replaceChildren(...lines.map(([name, text, good]) => {
      const row = document.createElement("div");
      row.append(tag("dt", name), tag("dd", text));
      if (!good) row.className = "gl-bad";
      return row;
    }));
    form.querySelector("pre code").textContent =
      `create_async_engine(\n    url,\n    pool_size=${suggested},\n    max_overflow=0,\n    pool_timeout=5,\n    pool_pre_ping=True,\n)`;
  }

  const number = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  const tag = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  arm();
  window.document$?.subscribe(arm);
}
