import {
  LocalMeta,
  deliveryOf,
  entryOf,
  newIgsid,
  testButtonDelivery,
  textEvent,
} from '../../dist/src/local-meta/index.js';
import { randomToken } from '../../dist/src/crypto/index.js';
import { demoAccounts } from './accounts.mjs';
import { Checks } from './checks.mjs';
import { DemoService } from './service.mjs';
import { bodyOf, greeting, story } from './story.mjs';
import { say, settled, showMessages } from './watch.mjs';

/** @returns the exit code */
export async function runDemo({ stays }) {
  const began = Date.now();
  const checks = new Checks();
  const meta = await LocalMeta.start();
  let service = null;
  const tidyUp = async () => {
    await service?.stop();
    await meta.close();
    service?.remove();
  };
  const interrupted = new Promise((resolve) =>
    ['SIGINT', 'SIGTERM'].forEach((signal) => process.once(signal, resolve)),
  );
  try {
    service = await DemoService.start({ graphUrl: meta.graphUrl, adminKey: `demo-${randomToken(24)}` });
    say(`Service at ${service.url}, embedded database in ${service.folder}, Meta's stand-in at ${meta.graphUrl}`);
    await Promise.race([
      play(service, meta, checks),
      interrupted.then(() => Promise.reject(new Error('Interrupted.'))),
    ]);
    if (stays && checks.failed === 0) {
      say(
        `\nSwagger UI: ${service.url}/docs\nAdmin key:  ${service.adminKey}   (Authorize → paste)\nStop with Ctrl+C.`,
      );
      await interrupted;
    }
    const exit = await service.stop();
    checks.that('the service stopped in order when told to', exit === 0, `exit ${exit}`);
  } catch (error) {
    checks.that('the demo ran to its end', false, error.message);
    if (service) process.stderr.write(`${service.log().split('\n').slice(-15).join('\n')}\n`);
  } finally {
    await tidyUp();
  }
  say(`\n${checks.summary()} in ${((Date.now() - began) / 1000).toFixed(1)} s. Nothing is left behind.`);
  return checks.failed === 0 ? 0 : 1;
}

async function play(service, meta, checks) {
  const accounts = demoAccounts();
  await setUp(service, meta, accounts, checks);
  const deliveries = story(accounts);

  for (const delivery of deliveries) {
    delivery.posted = await meta.deliver(delivery.account.id, bodyOf(delivery));
    checks.that(
      `Meta got 200 for "${delivery.entries[0][0].kind}"`,
      delivery.posted.status === 200,
      delivery.posted.text,
    );
  }
  const button = await meta.deliver(accounts.bakery.id, testButtonDelivery());
  checks.that("Meta's test button is answered 200", button.status === 200, button.text);

  await settled(service, meta, deliveries);
  deliveries.push(await byName(service, meta, accounts, deliveries[0].entries[0][0].person));
  const snapshot = await settled(service, meta, deliveries);
  say('');
  showMessages(checks, deliveries, snapshot, meta);
  await takenOver(service, checks, deliveries);
  await nothingTwice(service, meta, checks, deliveries, snapshot);
  await nothingForged(service, meta, checks, accounts, deliveries, snapshot);
  searchForSecrets(service, checks, accounts);
}

async function setUp(service, meta, accounts, checks) {
  for (const account of Object.values(accounts)) {
    const { rules, ...fields } = account;
    // Meta knows it first: the service asks about a new account's token at once.
    meta.addAccount({ ...account, callbackUrl: `${service.url}/webhooks/instagram/${account.id}` });
    const created = await service.api('POST', '/accounts', fields);
    account.ruleNames = new Map();
    for (const rule of rules) {
      const { id } = await service.api('POST', `/accounts/${account.id}/rules`, rule);
      account.ruleNames.set(id, rule.name);
    }
    const verified = await service.api('POST', `/accounts/${account.id}/verify`, undefined, 200);
    checks.that(
      `${account.username}: its token opens its own account`,
      verified.ok && verified.username === account.username,
    );
    const shaken = await meta.handshake(account.id, account.webhookVerifyToken);
    checks.that(
      `${account.username}: handshake`,
      shaken.status === 200 && shaken.text === shaken.challenge,
      shaken.text,
    );
    say(
      `Account ${account.username} (${account.id}) with ${rules.length} rules, webhook ${created.webhookPath}, handshake ok`,
    );
  }
  const stranger = await meta.handshake(accounts.bakery.id, accounts.bikes.webhookVerifyToken);
  checks.that('a handshake with another account’s token is refused', stranger.status === 403, stranger.status);
}

/** The look-up of a profile is never in the way of a reply, so the name serves the person's next message. */
async function byName(service, meta, accounts, person) {
  const { bakery } = accounts;
  const path = `/accounts/${bakery.id}/conversations/${encodeURIComponent(`${bakery.id}:${person}`)}`;
  const username = await service.until(
    'the profile has been looked up',
    async () => (await service.api('GET', path)).participantUsername,
  );
  const delivery = greeting(accounts, person, username);
  delivery.posted = await meta.deliver(bakery.id, bodyOf(delivery));
  return delivery;
}

/** Who typed with a phone has the conversation for a while. */
async function takenOver(service, checks, deliveries) {
  const { account, entries } = deliveries.find((delivery) => delivery.entries[0][0].typedByOwner);
  const id = `${account.id}:${entries[0][0].person}`;
  const { automation } = await service.api('GET', `/accounts/${account.id}/conversations/${encodeURIComponent(id)}`);
  checks.that(
    'the conversation shows that a person has taken over',
    automation.paused && automation.reason === 'takeover' && Date.parse(automation.pausedUntil) > Date.now(),
    JSON.stringify(automation),
  );
}

async function nothingTwice(service, meta, checks, deliveries, before) {
  const answers = await Promise.all(deliveries.slice(0, 5).map(({ posted }) => meta.redeliver(posted)));
  checks.that(
    'redeliveries are answered 200',
    answers.every(({ status }) => status === 200),
  );
  const after = await settled(service, meta, deliveries);
  checks.that('five redeliveries changed nothing', after.fingerprint === before.fingerprint);
  say(`\nRedelivered 5 deliveries byte for byte: ${after.messages.length} messages before and after, no reply twice`);
}

async function nothingForged(service, meta, checks, { bakery, bikes }, deliveries, before) {
  const lie = deliveryOf(
    entryOf(bakery.id, [textEvent({ accountId: bakery.id, person: newIgsid() }, 'hours? (forged)')]),
  );
  const forged = await meta.deliver(bakery.id, lie, { secret: 'not the app secret' });
  const unsigned = await meta.deliver(bakery.id, lie, { signature: null });
  const foreign = await meta.deliver(bikes.id, lie, { secret: bikes.appSecret });
  checks.that('a forged signature is refused with 401', forged.status === 401, forged.status);
  checks.that('a missing signature is refused with 401', unsigned.status === 401, unsigned.status);
  checks.that('another app’s signature is answered 200', foreign.status === 200, foreign.status);
  const unrouted = await service.until('the unrouted events are listed', async () => {
    const items = await service.all('/events/unrouted');
    return items.length >= 2 && items;
  });
  checks.that('only the test button and the other app’s delivery are unrouted', unrouted.length === 2, unrouted.length);
  const after = await settled(service, meta, deliveries);
  checks.that('none of them wrote to the account', after.fingerprint === before.fingerprint);
  say(
    'Forged signature: 401. No signature: 401. An entry signed by another account’s app: 200, kept aside, not applied',
  );
}

function searchForSecrets(service, checks, accounts) {
  const places = { 'the log': service.log(), 'the API’s answers': service.answers.join('\n') };
  for (const [place, text] of Object.entries(places)) {
    const found = Object.values(accounts).filter(
      ({ accessToken, appSecret }) => text.includes(accessToken) || text.includes(appSecret),
    );
    checks.that(`no token and no app secret in ${place}`, found.length === 0);
  }
}
