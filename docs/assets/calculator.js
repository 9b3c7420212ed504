// Made by 'make catalogue' from greenlit/calculator/. A classic script: a page opened as a file loads no module.
(() => {
// How many connections, and how long a request waits for one. Pure arithmetic: a test compares it with the lab's runs.

const SHORT_WAIT = 0.1; // A pool is large enough if a request waits, on average, a tenth of the time that it holds a connection.
const MOST_CONNECTIONS = 262143; // PostgreSQL's limit of max_connections.

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
  let allInUse = 1;
  for (let n = 1; n <= connections; n++) allInUse = erlangB(n, inUse, allInUse);
  return waitMs(connections, inUse, heldMs, allInUse);
}

/** The probability that all of n connections are in use, if no request waited, from that of one connection less. */
const erlangB = (n, inUse, before) => (inUse * before) / (n + inUse * before);

function waitMs(connections, inUse, heldMs, allInUse) {
  // mutant >= -> >: where both are equal, the last line divides by zero, and that is Infinity too.
  if (inUse >= connections) return Infinity;
  const mustWait = allInUse / (1 - (inUse / connections) * (1 - allInUse));
  return (mustWait * heldMs) / (connections - inUse);
}

/** Infinity, if no server allows so many. In one pass: it must answer between two keystrokes, whatever is typed. */
function smallestPool(inUse, heldMs) {
  let allInUse = 1;
  for (let n = 1; n <= MOST_CONNECTIONS; n++) {
    allInUse = erlangB(n, inUse, allInUse);
    if (waitMs(n, inUse, heldMs, allInUse) <= SHORT_WAIT * heldMs) return n;
  }
  return Infinity;
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

  const values = (form) => Object.fromEntries([...form.querySelectorAll("input")].map((input) => [input.name, counted(input)]));

  /** What is missing, too little, too much or half a thing counts as the nearest that can be; the field says so. */
  function counted(input) {
    const { value, min, max, step } = input;
    const whole = step === "1" ? Math.floor(Number(value)) : Number(value);
    const counts = Math.min(max, Math.max(min, whole));
    const wrong = value === "" || counts !== Number(value);
    input.setAttribute("aria-invalid", wrong);
    document.getElementById(input.getAttribute("aria-describedby")).textContent = wrong ? `Counts as ${counts}. From ${min} to ${max}.` : "";
    return counts;
  }

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
        : `none: each process needs ${needed === Infinity ? `more than ${MOST_CONNECTIONS}` : needed} connections, and the server has ${affordable} for each. Use fewer processes, a shorter hold, a larger max_connections, or PgBouncer.`, enough],
    ];
  }

  const number = (value) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
  const tag = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  arm();
  window.document$?.subscribe(arm);
}

start();
})();
