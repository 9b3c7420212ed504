// How many connections, and how long a request waits for one. Pure arithmetic: a test holds it to the lab's runs.

const SPARE_WAIT = 0.1; // A pool is large enough when a request waits, on average, a tenth of what it holds.

/**
 * given: workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate
 * `heldMs` is how long one request keeps a connection, `rate` the requests a second of all processes together.
 */
export function reckon({ workers, replicas, poolSize, maxOverflow, maxConnections, reserved, heldMs, rate }) {
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
export function erlangC(servers, offered, heldMs) {
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
