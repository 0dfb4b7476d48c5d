/**
 * Calls a function of the caller and waits for its answer, but not longer than the limit. The timer keeps the process alive
 * until the answer arrives or the time is over. It is cleared as soon as there is an answer.
 *
 * An answer that is not a promise needs no timer: a synchronous call cannot be interrupted. After the limit, the result of the
 * function is ignored.
 *
 * @param milliseconds The limit, checked by `checkTimeout`.
 * @param call Calls the function. `signal` is aborted when the time is over.
 * @param failed Returns the error to throw if the function threw, its promise was rejected, or it was late.
 */
export async function withTimeLimit<T>(
  milliseconds: number,
  call: (signal: AbortSignal) => T | PromiseLike<T>,
  failed: (cause: unknown, late: boolean) => unknown,
): Promise<T> {
  const controller = new AbortController();
  let isLate = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const answer = call(controller.signal);
    if (!isThenable(answer)) return answer;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        isLate = true;
        reject(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError'));
      }, milliseconds);
    });
    return await Promise.race([answer, late]);
  } catch (cause) {
    if (isLate) controller.abort(cause);
    throw failed(cause, isLate);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether `await` would wait for the value. */
const isThenable = <T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> =>
  ((typeof answer === 'object' && answer !== null) || typeof answer === 'function') &&
  typeof (answer as Partial<PromiseLike<T>>).then === 'function';
