/**
 * When the echo of a send goes to the account's callback address: `after` the caller's HTTP answer is on its way,
 * `before` it, as Meta often does, or `never`.
 */
export type EchoOrder = 'after' | 'before' | 'never';

export type Endpoint = 'messages' | 'me' | 'profile' | 'conversations' | 'message' | 'subscribed_apps' | 'refresh';

/** One way for the Graph stand-in to fail, for the next call (or `times` calls) that fits. */
export interface Failure {
  /**
   * - `error`: the Graph API's error envelope with `code`, `subcode`, `status`
   * - `status`: a bare HTTP status with a page of HTML, as a proxy in front of Meta answers
   * - `timeout`: the request is read and never answered
   * - `drop`: the connection is reset
   * - `delay`: answered as usual, after `delayMs` or `answerDelayMs`
   */
  readonly mode?: 'error' | 'status' | 'timeout' | 'drop' | 'delay';
  readonly code?: number;
  readonly subcode?: number;
  readonly status?: number;
  /** Before whatever the mode does: a send has not gone out yet. */
  readonly delayMs?: number;
  /** Between what the mode does and its answer: a send has gone out, and its caller waits. */
  readonly answerDelayMs?: number;
  /**
   * For sends: the message goes out all the same, echo included (a timeout or reset after Meta took it, and error
   * 1/1357046, which by its meaning has been sent). Default: only for 1/1357046 and `delay`.
   */
  readonly accepted?: boolean;
  /** Puts `X-Business-Use-Case-Usage` on the answer, with the minutes until access is regained. */
  readonly regainMinutes?: number;
  readonly retryAfterSeconds?: number;
  /** Puts `X-App-Usage` on the answer: how much of its calls the app has used. */
  readonly appUsagePercent?: number;
  /** `is_transient`; default: as Meta has it for the code. */
  readonly transient?: boolean;
  /** When this send's echo goes out, if it goes out at all; default: as all echoes do. */
  readonly echo?: EchoOrder;
  readonly echoDelayMs?: number;

  /** Default `messages`. */
  readonly on?: Endpoint;
  readonly accountId?: string;
  readonly recipientId?: string;
  /** Only sends whose text contains this. */
  readonly text?: string;
  /** Default 1; Infinity until `clearFailures()`. */
  readonly times?: number;
}

export interface Call {
  readonly endpoint: Endpoint;
  readonly accountId: string;
  readonly recipientId?: string;
  readonly text?: string;
}

/** What was ordered with `failNext`, in the order in which it was ordered; for the rest, what `otherwise` says. */
export class FailurePlan {
  private readonly ordered: { failure: Failure; left: number }[] = [];

  constructor(private readonly otherwise: (call: Call) => Failure | null = () => null) {}

  add(failure: Failure): void {
    this.ordered.push({ failure, left: failure.times ?? 1 });
  }

  clear(): void {
    this.ordered.length = 0;
  }

  /** The failure this call meets, used up by it. */
  take(call: Call): Failure | null {
    const index = this.ordered.findIndex(({ failure }) => fits(failure, call));
    const found = this.ordered[index];
    if (!found) return this.otherwise(call);
    found.left -= 1;
    if (found.left <= 0) this.ordered.splice(index, 1);
    return found.failure;
  }
}

export function isAcceptedAllTheSame(failure: Failure): boolean {
  const sentThough = failure.code === 1 && failure.subcode === 1357046;
  return failure.accepted ?? (failure.mode === 'delay' || sentThough);
}

function fits(failure: Failure, call: Call): boolean {
  return (
    (failure.on ?? 'messages') === call.endpoint &&
    (failure.accountId === undefined || failure.accountId === call.accountId) &&
    (failure.recipientId === undefined || failure.recipientId === call.recipientId) &&
    (failure.text === undefined || (call.text ?? '').includes(failure.text))
  );
}
