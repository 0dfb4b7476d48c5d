/**
 * Calls a function of the caller's, and waits for its answer no longer than the limit. The timer keeps the process alive
 * until there is an answer or the time is over, and is cleared as soon as there is one.
 *
 * What answers without a promise needs no timer: it cannot be interrupted. After the limit, what the function still does is
 * ignored.
 *
 * @param milliseconds The limit, checked by `checkTimeout`.
 * @param call Calls the function. `signal` is aborted when the time is over.
 * @param failed What to throw where the function threw or its promise was rejected, and where it was late.
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

/** Whether `await` would wait for it. */
const isThenable = <T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> =>
  ((typeof answer === 'object' && answer !== null) || typeof answer === 'function') &&
  typeof (answer as Partial<PromiseLike<T>>).then === 'function';
