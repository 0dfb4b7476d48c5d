// Unhandled rejections as the runtime reports them: by an event of the global scope, or of Node's process.

interface Process {
  on?: (event: 'unhandledRejection', listener: (reason: unknown) => void) => void;
}

export class UnhandledRejections {
  #reasons: unknown[] = [];

  constructor() {
    const { process } = globalThis as { process?: Process };
    try {
      if (typeof process?.on === 'function') {
        process.on('unhandledRejection', (reason) => this.#reasons.push(reason));
        return;
      }
    } catch {
      // Next.js at the edge: a stub.
    }
    globalThis.addEventListener('unhandledrejection', (event) => {
      event.preventDefault();
      this.#reasons.push(event.reason);
    });
  }

  /** The rejections since the last call, after giving the runtime time to report them. */
  async settle(): Promise<unknown[]> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const reasons = this.#reasons;
    this.#reasons = [];
    return reasons;
  }
}
