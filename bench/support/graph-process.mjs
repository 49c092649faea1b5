// @ts-check
import { createServer, request as httpRequest } from 'node:http';
import { LocalMeta } from './built.mjs';
import { serveParent } from './child.mjs';
import { ReplyBook } from './replies.mjs';

/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

const SEND = /^\/(?:v[\d.]+\/)?(me|\d+)\/messages(?:\?(.*))?$/;
const PROFILE = /^\/(?:v[\d.]+\/)?(9\d{15})(?:\?|$)/;
const MID = 'aWdfZG1faXRlbToxOklHTWVzc2FnZUlEO';

const book = new ReplyBook();
let delayMs = 0;
let sent = 0;
let port = 0;
/** @type {import('../../src/local-meta/index.js').LocalMeta} */
let meta;

/**
 * Sends are taken here, judged and counted, as cheaply as can be: the local Meta remembers every message and conversation,
 * and would have to be told of every delivery. Everything else (accounts, subscriptions) it answers.
 */
const server = createServer((request, response) => {
  const url = request.url ?? '';
  const send = request.method === 'POST' ? SEND.exec(url) : null;
  if (send) return void take(request, response, send[1] ?? '', send[2]);
  const person = request.method === 'GET' ? PROFILE.exec(url)?.[1] : undefined;
  if (person !== undefined) return void answer(response, 200, { id: person, name: 'Somebody', username: `somebody.${person}` });
  const { port: metaPort } = new URL(meta.graphUrl);
  request.pipe(httpRequest({ port: metaPort, path: url, method: request.method, headers: request.headers }, (theirs) => {
    response.writeHead(theirs.statusCode ?? 502, theirs.headers);
    theirs.pipe(response);
  }));
});
server.keepAliveTimeout = 60_000;

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {string} path
 * @param {string | undefined} query
 */
function take(request, response, path, query) {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { recipient, message } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? /(?:^|&)access_token=([^&]*)/.exec(query ?? '')?.[1] ?? null;
    const known = book.take({ token, path, recipient: recipient?.id, text: message?.text });
    const give = () => {
      if (known) return answer(response, 200, { recipient_id: recipient?.id, message_id: MID + String(++sent).padStart(130, '0') });
      answer(response, 401, { error: { message: 'Invalid OAuth access token', type: 'OAuthException', code: 190, fbtrace_id: 'bench' } });
    };
    if (delayMs > 0) setTimeout(give, delayMs);
    else give();
  });
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {object} body
 */
function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const listen = () => new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve(undefined)));

serveParent({
  start: async () => {
    meta = await LocalMeta.start({ echo: 'never' });
    await listen();
    const address = server.address();
    port = typeof address === 'object' && address ? address.port : 0;
    return `http://127.0.0.1:${String(port)}`;
  },
  /** @param {readonly import('./accounts.mjs').BenchAccount[]} accounts */
  addAccounts: (accounts) => {
    for (const account of accounts) meta.addAccount({ ...account, callbackUrl: `http://127.0.0.1:1/webhooks/instagram/${account.id}` });
  },
  /** @param {import('./replies.mjs').Expected} expected */
  expect: (expected) => book.expect(expected),
  replies: () => book.look(),
  /** @param {number} ms */
  answerAfter: (ms) => void (delayMs = ms),
  away: async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  },
  back: listen,
});
