// @ts-check
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * One kept-alive connection that writes ready-made requests and reads of each answer no more than it must: two processors
 * are shared with the service under test, and a full HTTP client would take one of them for itself.
 */
export class WireClient {
  #host;
  #port;
  /** @type {import('node:net').Socket | null} */
  #socket = null;
  /** @type {Buffer | null} */
  #held = null;
  /** @type {((status: number, retryAfterSeconds: number) => void) | null} */
  #answered = null;
  /** Bytes the answer's body still lacks; -1: its head is not complete; -2: chunked. */
  #missing = -1;
  #status = 0;
  #retryAfter = 0;
  #closes = false;
  #connected;

  /**
   * @param {string} host
   * @param {number} port
   * @param {(afterMs: number) => void} [connected] is told of each connection how long it took to be there
   */
  constructor(host, port, connected) {
    this.#host = host;
    this.#port = port;
    this.#connected = connected;
  }

  /**
   * @param {Buffer} request
   * @param {(status: number, retryAfterSeconds: number) => void} answered 0: the connection ended without an answer
   */
  send(request, answered) {
    this.#answered = answered;
    this.#missing = -1;
    this.#held = null;
    this.#open().write(request);
  }

  close() {
    this.#socket?.destroy();
  }

  #open() {
    if (this.#socket && !this.#socket.destroyed && this.#socket.writable) return this.#socket;
    const socket = connect(this.#port, this.#host).setNoDelay(true);
    this.#socket = socket;
    const since = performance.now();
    if (this.#connected) socket.once('connect', () => this.#connected?.(performance.now() - since));
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => undefined); // 'close' tells
    socket.on('close', () => {
      if (this.#socket === socket) this.#finish(0);
    });
    return socket;
  }

  /** @param {Buffer} chunk */
  #read(chunk) {
    const data = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = null;
    let body = data;
    if (this.#missing === -1) {
      const end = data.indexOf(HEAD_END);
      if (end < 0) return void (this.#held = data);
      this.#readHead(data.toString('latin1', 0, end));
      body = data.subarray(end + HEAD_END.length);
    }
    if (this.#missing === -2) {
      if (!body.subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)) return void (this.#held = body);
    } else {
      this.#missing -= body.length;
      if (this.#missing > 0) return;
    }
    const status = this.#status;
    if (this.#closes) {
      this.#socket?.destroy();
      this.#socket = null;
    }
    this.#finish(status);
  }

  /** @param {string} head */
  #readHead(head) {
    this.#status = Number(head.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#missing = length === undefined ? (/\r\ntransfer-encoding: *chunked/i.test(head) ? -2 : 0) : Number(length);
    this.#retryAfter = this.#status === 200 ? 0 : Number(/\r\nretry-after: *(\d+)/i.exec(head)?.[1] ?? 0);
    this.#closes = /\r\nconnection: *close/i.test(head);
  }

  /** @param {number} status */
  #finish(status) {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(status, status === 0 ? 0 : this.#retryAfter);
  }
}
