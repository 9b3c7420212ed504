// Made by 'make catalogue' from greenlit/calculator/. A classic script: a page opened as a file loads no module.
(() => {
// How many connections, and how long a request waits for one. Pure arithmetic: a test holds it to the lab's runs.

const SPARE_WAIT = 0.1; // A pool is large enough when a request waits, on average, a tenth of what it holds.

/**
 * given: workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate
 * `heldMs` is how long one request keeps a connection, `rate` the requests a second of all processes together.
 */
function reckon({ workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate }) {
  const processes = workers * replicas;
  const perProcess = poolSize + maxOverflow;
  const atWorst = processes * perProcess;
  const available = Math.max(0, maxConnections - reserved);
  const offered = (rate / processes) * (heldMs / 1000); // Little: connections in use in a process, on average
  const utilisation = offered / perProcess;
  const poolRate = (processes * perProcess * 1000) / heldMs;
  const serverRate = (available * 1000) / heldMs;
  const fits = atWorst <= available;
  const room = Math.floor(available / processes);
  const wanted = smallest(offered, heldMs);
  const suggested = Math.max(1, Math.min(wanted, room));
  return {
    processes, perProcess, atWorst, available, fits, offered, utilisation,
    inUse: rate * (heldMs / 1000),
    waitMs: erlangC(perProcess, offered, heldMs),
    limit: fits ? "pool" : "server",
    limitRate: fits ? poolRate : serverRate,
    wanted, room, suggested,
    enough: wanted <= room,
    suggestedWaitMs: erlangC(suggested, offered, heldMs),
  };
}

/** The mean wait for one of `servers` connections, if requests come by chance and hold one by chance (M/M/c). */
function erlangC(servers, offered, heldMs) {
  if (offered >= servers) return Infinity;
  let blocked = 1; // Erlang B, from no server on.
  for (let n = 1; n <= servers; n++) blocked = (offered * blocked) / (n + offered * blocked);
  const waits = blocked / (1 - (offered / servers) * (1 - blocked));
  return (waits * heldMs) / (servers - offered);
}

function smallest(offered, heldMs) {
  let servers = Math.max(1, Math.floor(offered) + 1);
  while (erlangC(servers, offered, heldMs) > SPARE_WAIT * heldMs) servers++;
  return servers;
}

// The calculator on a page: numbers in, sentences out, at every keystroke.

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

start();
})();
