// How many connections, and how long a request waits for one. Pure arithmetic: a test compares it with the lab's runs.

const SHORT_WAIT = 0.1; // A pool is large enough if a request waits, on average, a tenth of the time that it holds a connection.
export const MOST_CONNECTIONS = 262143; // PostgreSQL's limit of max_connections.

/**
 * given: workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate
 * `heldMs` is how long one request keeps a connection, `rate` the requests a second of all processes together.
 */
export function calculate({ workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate }) {
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
