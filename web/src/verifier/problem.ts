/** What can be wrong, in both languages. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly zh: string,
    readonly en: string,
  ) {
    super(code);
  }
}

/** The text is no credential: nothing can be said of it. */
export class Unreadable extends Problem {}

/** A trust file, or a question, that is refused. */
export class Refused extends Problem {}
