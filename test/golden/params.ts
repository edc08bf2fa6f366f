import type { NestedNumbers } from '../../src/index.js';
import type { Params } from './format.js';

/** Reads the parameters of a rule or composite; one that nobody asked for is an error, as it would change the numbers. */
export class ParamReader {
  private readonly asked = new Set<string>();

  constructor(
    private readonly what: string,
    private readonly params: Params,
  ) {}

  /** `absent` stands for a parameter that is not given; without it the parameter is needed. */
  number(name: string, absent?: number): number {
    const value = this.read(name) ?? absent;
    if (typeof value === 'number') return value;
    throw new Error(`${this.what}: ${name} must be a number, found ${JSON.stringify(value)}`);
  }

  /** One number, numbers per channel, or nested lists with a number per element. */
  bound(name: string): number | NestedNumbers {
    const value = this.read(name);
    if (typeof value === 'number' || isNested(value)) return value;
    throw new Error(`${this.what}: ${name} must be a number or lists of numbers, found ${JSON.stringify(value)}`);
  }

  /** The entry of `choices` the parameter names; `absent` when it is not given. */
  choice<T>(name: string, choices: ReadonlyMap<unknown, T>, absent: T): T {
    if (!this.has(name)) return absent;
    const value = this.read(name);
    const chosen = choices.get(value);
    if (chosen !== undefined) return chosen;
    throw new Error(`${this.what}: ${name} is ${JSON.stringify(value)}; known: ${[...choices.keys()].join(', ')}`);
  }

  has(name: string): boolean {
    this.asked.add(name);
    return this.params[name] !== undefined;
  }

  /** @throws Error when a parameter was given that nobody asked for. */
  finish(): void {
    const unknown = Object.keys(this.params).filter((name) => !this.asked.has(name));
    if (unknown.length > 0) throw new Error(`${this.what}: unknown parameter ${unknown.join(', ')}`);
  }

  private read(name: string): unknown {
    this.asked.add(name);
    return this.params[name];
  }
}

function isNested(value: unknown): value is NestedNumbers {
  return Array.isArray(value) && value.every((one) => typeof one === 'number' || isNested(one));
}
