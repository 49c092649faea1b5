// @ts-check
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { endWithUs } from './ending.mjs';

/**
 * A module of ours in a process of its own that is asked and answers: `{method, argument}` → `{result}` or `{error}`.
 * The other side is `serveParent`.
 */
export class Child {
  #child;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {string} file
   * @param {readonly string[]} [nodeArgs]
   */
  constructor(file, nodeArgs = []) {
    this.#child = endWithUs(fork(file, { execArgv: [...nodeArgs], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }));
  }

  get pid() {
    return this.#child.pid;
  }

  /**
   * One question at a time.
   * @param {string} method
   * @param {unknown} [argument]
   * @returns {Promise<any>}
   */
  ask(method, argument) {
    const asked = this.#last.then(() => this.#ask(method, argument));
    this.#last = asked.catch(() => undefined);
    return asked;
  }

  /**
   * @param {string} method
   * @param {unknown} argument
   */
  async #ask(method, argument) {
    if (this.#child.exitCode !== null) throw new Error(`A helper process has ended with ${String(this.#child.exitCode)}`);
    const gone = new AbortController();
    const { signal } = gone;
    this.#child.send({ method, argument });
    const [message] = await Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }).then(([code]) => [{ error: `A helper process ended with ${String(code)} while asked to ${method}` }]),
    ]).finally(() => gone.abort());
    if (message.error !== undefined) throw new Error(message.error);
    return message.result;
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
  }
}

/**
 * The child's side.
 * @param {Record<string, (argument: any) => unknown>} methods
 */
export function serveParent(methods) {
  process.on('disconnect', () => process.exit(0)); // it must not outlive a run that is broken off
  process.on('message', (/** @type {{ method: string, argument: unknown }} */ { method, argument }) => {
    void (async () => await methods[method]?.(argument))()
      .then((result) => ({ result }), (error) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }))
      .then((answer) => process.send?.(answer));
  });
}
