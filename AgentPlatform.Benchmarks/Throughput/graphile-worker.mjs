// graphile-worker with an empty task. Arguments: the connection string, jobs at a time, "default" or "tuned".
import { run } from "graphile-worker";

const [connectionString, jobs, kind] = process.argv.slice(2);
const concurrentJobs = Number(jobs);
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const tuned = kind === "tuned"
  ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
  : {};
const { Logger } = await import("graphile-worker");
const runner = await run({
  taskList: { empty: async () => {} },
  preset: {
    worker: { connectionString, concurrentJobs, maxPoolSize: concurrentJobs + 1, ...tuned },
  },
  logger: new Logger(() => (level, message) => quiet[level]?.(message)),
});
console.log("ready");
await runner.promise;
