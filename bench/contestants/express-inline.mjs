// @ts-check
// Peer (c): the same hand doing everything inline. Per event: the message's row (once: the mid is unique), the conversation's,
// the rules looked up and tried, the Graph call on a kept-alive connection, the reply's row; then 200.
import axios from 'axios';
import express from 'express';
import { Agent } from 'node:http';
import { isSigned, LIMIT_BYTES, settings } from './peer-settings.mjs';
import { openStore } from './store.mjs';

const KEYWORD = 'price';
const REPLY = 'Our price list is at https://example.com/prices. You wrote: {text}';

const store = await openStore();
const id = 'id INTEGER PRIMARY KEY AUTO_INCREMENT';
await store.setUp(`CREATE TABLE IF NOT EXISTS messages (${id}, account_id VARCHAR(50) NOT NULL, participant_id VARCHAR(50) NOT NULL,
  direction VARCHAR(10) NOT NULL, mid VARCHAR(200) NOT NULL UNIQUE, reply_to VARCHAR(200) UNIQUE, text LONGTEXT NOT NULL, at DATETIME(3) NOT NULL)`);
await store.setUp(`CREATE TABLE IF NOT EXISTS conversations (account_id VARCHAR(50) NOT NULL, participant_id VARCHAR(50) NOT NULL,
  message_count INTEGER NOT NULL, last_message_at DATETIME(3) NOT NULL, PRIMARY KEY (account_id, participant_id))`);
await store.setUp(`CREATE TABLE IF NOT EXISTS rules (${id}, account_id VARCHAR(50) NOT NULL UNIQUE, keyword VARCHAR(200) NOT NULL, reply LONGTEXT NOT NULL)`);
for (const account of settings.accounts) {
  await store.run(store.ignoring('INSERT INTO rules (account_id, keyword, reply) VALUES (?, ?, ?)'), [account.id, KEYWORD, REPLY]);
}

const MESSAGE = 'INSERT INTO messages (account_id, participant_id, direction, mid, reply_to, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)';
const tokens = new Map(settings.accounts.map((account) => [account.id, account.accessToken]));
const graph = axios.create({ baseURL: settings.graphUrl, timeout: 10_000, httpAgent: new Agent({ keepAlive: true }) });

const app = express();
app.disable('x-powered-by');
app.use(express.raw({ type: () => true, limit: LIMIT_BYTES, inflate: false }));
app.post('/webhooks/instagram/:accountId', async (request, response) => {
  const { accountId } = request.params;
  const body = /** @type {Buffer} */ (request.body);
  if (!isSigned(accountId, body, request.headers['x-hub-signature-256'])) return void response.sendStatus(401);
  for (const entry of JSON.parse(body.toString('utf8')).entry) {
    for (const event of entry.messaging ?? []) await handle(String(entry.id), event);
  }
  response.type('text/plain').send('EVENT_RECEIVED');
});
app.use((/** @type {unknown} */ _error, /** @type {unknown} */ _request, /** @type {import('express').Response} */ response, /** @type {unknown} */ _next) => {
  response.sendStatus(500); // Meta delivers it again
});
app.listen(settings.port, '127.0.0.1');

/**
 * @param {string} accountId
 * @param {{ sender: { id: string }, message?: { mid: string, text?: string } }} event
 */
async function handle(accountId, { sender, message }) {
  const text = message?.text;
  if (message === undefined || text === undefined) return;
  const now = new Date();
  const inserted = await store.run(store.ignoring(MESSAGE), [accountId, sender.id, 'inbound', message.mid, null, text, now]);
  if (inserted === 0 && (await store.rows('SELECT id FROM messages WHERE reply_to = ?', [message.mid])).length > 0) return;
  await store.run(store.upsertConversation, [accountId, sender.id, now, now]);
  const rules = await store.rows('SELECT keyword, reply FROM rules WHERE account_id = ?', [accountId]);
  const rule = rules.find(({ keyword }) => text.toLowerCase().includes(String(keyword)));
  if (!rule) return;
  const reply = String(rule.reply).replace('{text}', text);
  const { data } = await graph.post(`/v26.0/${accountId}/messages`, { recipient: { id: sender.id }, message: { text: reply } }, {
    headers: { Authorization: `Bearer ${String(tokens.get(accountId))}` },
  });
  await store.run(MESSAGE, [accountId, sender.id, 'outbound', data.message_id, message.mid, reply, new Date()]);
}
