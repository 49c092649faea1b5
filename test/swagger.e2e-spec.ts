import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { findBrowser, reportMissingBrowser } from './support/browser.js';
import { RunningService } from './support/running-service.js';

const executablePath = findBrowser();
if (executablePath === null) reportMissingBrowser('Swagger UI');

/** The built service, since the descriptions come from the build, seen through a real browser as a person would use it. */
(executablePath === null ? describe.skip : describe)('Swagger UI', () => {
  let folder: string;
  let service: RunningService;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'swagger-'));
    // Nobody listens there: an account is created also while Graph cannot be reached.
    service = await RunningService.start({ DATA_DIR: folder, GRAPH_API_BASE_URL: 'http://127.0.0.1:9' });
    browser = await chromium.launch({ executablePath: executablePath ?? undefined, args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.setDefaultTimeout(15_000);
    // An answer of 401 or 422 is also reported as a console error by Chromium; it is asked for here.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of (401|422)/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens one operation and makes it editable. */
  async function open(method: string, path: string): Promise<Locator> {
    const block = page.locator(`.opblock-${method}`, { has: page.locator(`[data-path="${path}"]`) });
    await block.locator('.opblock-summary-control').click();
    await block.locator('.try-out__btn').click();
    return block;
  }

  async function execute(block: Locator): Promise<{ status: string; body: unknown }> {
    const answered = page.waitForResponse((response) => response.url().includes('/api/v1/'));
    await block.locator('button.execute').click();
    await answered;
    const live = block.locator('.live-responses-table .response').first();
    const status = await live.locator('.response-col_status').innerText();
    return {
      status: status.trim().slice(0, 3),
      body: JSON.parse(await live.locator('.highlight-code code').first().innerText()),
    };
  }

  async function edit(block: Locator, changes: Record<string, unknown>): Promise<Record<string, unknown>> {
    const text = block.locator('textarea.body-param__text');
    const example = JSON.parse(await text.inputValue()) as Record<string, unknown>;
    await text.fill(JSON.stringify({ ...example, ...changes }, null, 2));
    return example;
  }

  it('shows the API without a key', async () => {
    await page.goto(`${service.url}/docs`);
    await page.locator('[data-path="/api/v1/accounts"]').first().waitFor();
    expect(await page.locator('.opblock').count()).toBeGreaterThan(20);
  });

  it('refuses without a key, and says so', async () => {
    const block = await open('get', '/api/v1/audit');
    expect(await execute(block)).toMatchObject({ status: '401', body: { statusCode: 401 } });
  });

  it('takes a key under Authorize', async () => {
    await page.locator('.auth-wrapper .btn.authorize').first().click();
    await page.locator('.modal-ux input').fill(service.adminKey);
    await page.locator('.modal-ux button[type=submit]').click();
    await page.locator('.modal-ux .btn-done').click();
    await page.locator('.auth-wrapper .btn.authorize.locked').first().waitFor();
  });

  it('creates an account from the example that stands there', async () => {
    const block = await open('post', '/api/v1/accounts');
    const example = await edit(block, {});
    expect(example).toMatchObject({ id: '17841400000000001', username: 'example.shop' });
    const { status, body } = await execute(block);
    expect(status).toBe('201');
    expect(body).toMatchObject({ id: '17841400000000001', username: 'example.shop' });
    expect(JSON.stringify(body)).not.toContain(String(example.accessToken));
  });

  it('adds a rule', async () => {
    const block = await open('post', '/api/v1/accounts/{accountId}/rules');
    await block.locator('tr[data-param-name="accountId"] input').fill('17841400000000001');
    await edit(block, {
      name: 'hours',
      triggerType: 'contains',
      triggerValue: 'opening hours',
      responseTemplate: 'From 9 to 18, says {{ account.username }}.',
    });
    expect(await execute(block)).toMatchObject({
      status: '201',
      body: { name: 'hours', accountId: '17841400000000001' },
    });
  });

  it('tests the rule, and shows what would be answered', async () => {
    const block = await open('post', '/api/v1/accounts/{accountId}/rules/test');
    await block.locator('tr[data-param-name="accountId"] input').fill('17841400000000001');
    await block.locator('textarea.body-param__text').fill('{"text": "What are your OPENING hours?"}');
    expect(await execute(block)).toMatchObject({
      status: '200',
      body: { matched: true, reply: 'From 9 to 18, says example.shop.' },
    });
  });

  it('shows how to page through a list, and asks for no key of a send that may go without', async () => {
    const list = await open('get', '/api/v1/accounts');
    await list.locator('tr[data-param-name="limit"] input').fill('1');
    expect(await list.locator('tr[data-param-name="cursor"]').count()).toBe(1);
    expect(await execute(list)).toMatchObject({ status: '200', body: { items: [{ username: 'example.shop' }], nextCursor: null } });
    const send = await open('post', '/api/v1/accounts/{accountId}/messages');
    await send.locator('tr[data-param-name="accountId"] input').fill('17841400000000001');
    await send.locator('textarea.body-param__text').fill('{"recipientId": "1234567890", "text": "hello"}');
    expect(await execute(send)).toMatchObject({ status: '422' });
  });

  it('did all that without an error in the browser, security policy included', () => {
    expect(complaints).toEqual([]);
  });
});
