/** Milliseconds of one run. */
export interface Time {
  /** Of the whole process, all threads together. */
  readonly cpu: number;
  /** By the clock on the wall. */
  readonly wall: number;
}

/** How often work is timed. */
export interface Turns {
  /** The fewest turns. */
  readonly runs: number;
  /** Turns that are not timed go on for this many seconds, so that the engine has compiled what it will. One at least. */
  readonly settle: number;
  /** Turns go on until this many seconds have passed, since short work varies the most. Default 1. */
  readonly atLeast?: number;
}

/** Times one run of synchronous work. */
export function time<T>(work: () => T): { readonly result: T; readonly time: Time } {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  const result = work();
  const spent = process.cpuUsage(cpu);
  return { result, time: { cpu: (spent.user + spent.system) / 1000, wall: performance.now() - wall } };
}

/** Times one run of work that ends later. */
export async function timeAsync(work: () => Promise<unknown>): Promise<Time> {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  await work();
  const spent = process.cpuUsage(cpu);
  return { cpu: (spent.user + spent.system) / 1000, wall: performance.now() - wall };
}

/** Times several pieces of work in turns, so that a busy machine disturbs all of them alike. One list for each. */
export function inTurns(works: readonly (() => void)[], { runs, settle, atLeast = 1 }: Turns): Time[][] {
  const turn = () => works.map((work) => time(work).time);
  goOn(turn, 1, settle);
  const turns = goOn(turn, runs, atLeast);
  return works.map((_, index) => turns.map((times) => times[index] ?? { cpu: Number.NaN, wall: Number.NaN }));
}

/** Repeats work so many times at least, and for so many seconds. */
function goOn<T>(work: () => T, times: number, seconds: number): T[] {
  const end = performance.now() + 1000 * seconds;
  const results: T[] = [];
  while (results.length < times || performance.now() < end) results.push(work());
  return results;
}

/** The middle value; the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Median milliseconds by one of the clocks. */
export function medianTime(times: readonly Time[], clock: keyof Time): number {
  return median(times.map((one) => one[clock]));
}

/** Median over runs of what one piece of work takes in units of another that ran next to it. */
export function ratio(times: readonly Time[], units: readonly Time[], clock: keyof Time): number {
  return median(times.map((one, run) => one[clock] / (units[run]?.[clock] ?? Number.NaN)));
}
