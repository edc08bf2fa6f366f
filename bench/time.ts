/** Milliseconds of one run. */
export interface Time {
  readonly cpu: number;
  readonly wall: number;
}

/** Times one run of synchronous work. CPU time is that of the whole process, all threads together. */
export function time<T>(work: () => T): { readonly result: T; readonly time: Time } {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const result = work();
  const spent = process.cpuUsage(cpu);
  return { result, time: { cpu: (spent.user + spent.system) / 1000, wall: performance.now() - wall } };
}

/** The middle value; the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Median over runs of what one piece of work takes in units of another that ran next to it. */
export function ratio(times: readonly Time[], units: readonly Time[], clock: keyof Time): number {
  return median(times.map((one, run) => one[clock] / (units[run]?.[clock] ?? Number.NaN)));
}
