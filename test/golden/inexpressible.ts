/**
 * The library has no way yet to say what an expectation asks for. Nothing else may be excused: a wrong number never is.
 */
export class Inexpressible extends Error {
  /** The method or rule that is missing, by the name the allow list uses; absent when the model itself is the reason. */
  readonly missing: string | undefined;

  constructor(message: string, missing?: string) {
    super(message);
    this.name = 'Inexpressible';
    this.missing = missing;
  }
}
