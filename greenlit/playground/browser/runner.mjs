// A worker with Python in it: it is started when it is needed, and ended when a run takes too long.
export class Runner {
  constructor(folder) {
    this.folder = folder;
    this.longest = 10_000; // Milliseconds.
  }

  // Resolves when Python is there. `progress` is told how many bytes have come.
  start(progress = () => {}) {
    this.progress = progress;
    this.started ??= new Promise((resolve, reject) => {
      this.worker = new Worker(new URL("worker.mjs", this.folder), { type: "module" });
      this.worker.onmessage = ({ data: { kind, value } }) => {
        if (kind === "received") this.progress(value);
        else if (kind === "ready") resolve();
        else if (kind === "failed") this.fail(reject, value);
        else if (kind === "ended") this.end(value);
        else if (kind !== "begun") this.said?.(kind, value);
      };
      this.worker.onerror = (event) => this.fail(reject, event.message || "its worker was not loaded");
    });
    return this.started;
  }

  // What it says is passed on at once; resolves with how it ended.
  async run(source, name, said) {
    await this.start(this.progress);
    this.said = said;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.stop("late"), this.longest);
      this.end = (ending) => {
        clearTimeout(late);
        this.said = this.end = undefined;
        resolve(ending);
      };
      this.worker.postMessage({ source, name });
    });
  }

  // Whatever it does: the next run has a new worker.
  stop(why = "stopped") {
    this.worker?.terminate();
    this.worker = this.started = undefined;
    this.end?.({ [why]: true });
  }

  fail(reject, why) {
    reject(new Error(why));
    this.stop("failed");
  }
}
