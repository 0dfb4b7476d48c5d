// A plugin of typedoc. The types of AP2's forms are inferred from their schemas, so that typedoc meets the comment of a member
// twice, at one and the same place, and warns that it takes an arbitrary one. This warning is dropped; all others are kept.

const AMBIGUOUS = /has multiple declarations with a comment/;

/** @param {import('typedoc').Application} app */
export function load({ logger }) {
  const warn = logger.warn.bind(logger);
  const info = logger.info.bind(logger);
  /** @type {unknown[] | undefined} */
  let held;

  logger.warn = (message, ...rest) => {
    if (AMBIGUOUS.test(message)) held = [message, ...rest];
    else warn(message, ...rest);
  };

  // The line that follows lists the places.
  logger.info = (message, ...rest) => {
    const places = new Set(
      message
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    );
    if (held !== undefined && places.size === 1) {
      held = undefined;
      return;
    }
    if (held !== undefined) warn(...held);
    held = undefined;
    info(message, ...rest);
  };
}
