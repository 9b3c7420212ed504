// Made by 'make catalogue' from greenlit/calculator/. A classic script: a page opened as a file loads no module.
(() => {
// How many connections, and how long a request waits for one. Pure arithmetic: a test compares it with the lab's runs.

const SHORT_WAIT = 0.1; // A pool is large enough if a request waits, on average, a tenth of the time that it holds a connection.

/**
 * given: workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate
 * `heldMs` is how long one request keeps a connection, `rate` the requests a second of all processes together.
 */
function calculate({ workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate }) {
  const processes = workers * replicas;
  const perProcess = poolSize + maxOverflow;
  const atWorst = processes * perProcess;
  const available = Math.max(0, maxConnections - reserved);
  const fits = atWorst <= available;
  const inUse = (rate * heldMs) / 1000; // Little's law: on average, in all processes together
  const inUsePerProcess = inUse / processes;
  const needed = smallestPool(inUsePerProcess, heldMs);
  const affordable = Math.floor(available / processes);
  const suggested = Math.max(1, Math.min(needed, affordable));
  return {
    processes, perProcess, atWorst, available, fits, inUse, inUsePerProcess,
    utilisation: inUsePerProcess / perProcess,
    waitMs: meanWaitMs(perProcess, inUsePerProcess, heldMs),
    limit: fits ? "pool" : "server",
    limitRate: (Math.min(atWorst, available) * 1000) / heldMs,
    needed, affordable, suggested,
    enough: needed <= affordable,
    suggestedWaitMs: meanWaitMs(suggested, inUsePerProcess, heldMs),
  };
}

/** The mean wait for a connection, by Erlang's formula: requests come at random and hold a connection for a random time (M/M/c). */
function meanWaitMs(connections, inUse, heldMs) {
  // mutant >= -> >: where both are equal, the last line divides by zero, and that is Infinity too.
  if (inUse >= connections) return Infinity;
  let allInUse = 1; // The probability of it in a pool of no connection, then of one, two, …, if no request waited (Erlang B).
  for (let n = 1; n <= connections; n++) allInUse = (inUse * allInUse) / (n + inUse * allInUse);
  const mustWait = allInUse / (1 - (inUse / connections) * (1 - allInUse));
  return (mustWait * heldMs) / (connections - inUse);
}

function smallestPool(inUse, heldMs) {
  let connections = 0;
  do connections++; while (meanWaitMs(connections, inUse, heldMs) > SHORT_WAIT * heldMs);
  return connections;
}

// The calculator on a page: numbers in, sentences out, at every keystroke.

const HIGH_UTILISATION = 0.9; // From here on a small rise of the load makes the wait much longer.

function start() {
  const arm = () => {
    for (const form of document.querySelectorAll(".gl-calculator:not([data-armed])")) {
      form.dataset.armed = ""; // mutant "" -> "other": only whether the attribute is there counts.
      const answer = () => show(form, values(form));
      form.addEventListener("input", answer);
      answer();
    }
  };

  const values = (form) =>
    Object.fromEntries([...form.querySelectorAll("input")].map(({ name, value, min }) => [name, Math.max(min, Number(value))]));

  function show(form, given) {
    const found = calculate(given);
    form.querySelector("dl").replaceChildren(...sentences(given, found).map(([name, text, good]) => {
      const row = document.createElement("div");
      row.append(tag("dt", name), tag("dd", text));
      if (!good) row.className = "gl-bad";
      return row;
    }));
    form.querySelector("pre code").textContent =
      `create_async_engine(\n    url,\n    pool_size=${found.suggested},\n    max_overflow=0,\n    pool_timeout=5,\n    pool_pre_ping=True,\n)`;
  }

  /** Name, text, and whether that is as it should be. */
  function sentences(given, found) {
    const { processes, perProcess, atWorst, available, fits, utilisation, waitMs, limitRate, needed, affordable, suggested, enough } = found;
    const limit = `${Math.floor(limitRate)} requests a second`;
    return [
      ["At worst", `${atWorst} connections: ${processes} ${processes === 1 ? "process" : "processes"} × ${perProcess}. The server has ${available}.`, fits],
      ["In use on average", `${number(found.inUse)} in all, ${number(found.inUsePerProcess)} in each process (Little's law).`, true],
      ["Utilisation of the pool", `${Math.round(utilisation * 100)} %`, utilisation < HIGH_UTILISATION],
      ["Mean wait for a connection",
        waitMs === Infinity ? "without end: more comes in than goes out." : `${number(waitMs)} ms at most`, waitMs <= given.heldMs],
      ["The limit that you hit first",
        found.limit === "pool" ? `the pool, at ${limit}.`
        : `the server, at ${limit}: it refuses connections that the pools still allow.`, true],
      ["Large enough", enough ? `pool_size=${suggested}, max_overflow=0 in each process: ${number(found.suggestedWaitMs)} ms of waiting.`
        : `none: each process needs ${needed} connections, and the server has ${affordable} for each. Use fewer processes, a shorter hold, a larger max_connections, or PgBouncer.`, enough],
    ];
  }

  const number = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  const tag = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  arm();
  window.document$?.subscribe(arm);
}

start();
})();
