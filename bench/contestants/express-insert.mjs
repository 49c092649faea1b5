// @ts-check
// Peer (b): what a competent developer writes by hand. Raw body, signature, JSON.parse, one INSERT a delivery (each its own
// commit), then 200.
import express from 'express';
import { isSigned, LIMIT_BYTES, settings } from './peer-settings.mjs';
import { openStore } from './store.mjs';

const store = await openStore();
await store.setUp('CREATE TABLE deliveries (id INTEGER PRIMARY KEY AUTO_INCREMENT, account_id VARCHAR(50) NOT NULL, body LONGTEXT NOT NULL, received_at DATETIME(3) NOT NULL)');
const INSERT = 'INSERT INTO deliveries (account_id, body, received_at) VALUES (?, ?, ?)';

const app = express();
app.disable('x-powered-by');
app.use(express.raw({ type: () => true, limit: LIMIT_BYTES, inflate: false }));
app.post('/webhooks/instagram/:accountId', async (request, response) => {
  const { accountId } = request.params;
  const body = /** @type {Buffer} */ (request.body);
  if (!isSigned(accountId, body, request.headers['x-hub-signature-256'])) return void response.sendStatus(401);
  const text = body.toString('utf8');
  JSON.parse(text);
  await store.run(INSERT, [accountId, text, new Date()]);
  response.type('text/plain').send('EVENT_RECEIVED');
});
app.listen(settings.port, '127.0.0.1');
