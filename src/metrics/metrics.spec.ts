import { describe, expect, it } from '@jest/globals';
import { SystemClock } from '../common/clock.js';
import type { Backlog, BacklogReport } from '../messaging/index.js';
import { BacklogGauges } from './backlog.gauges.js';
import { MetricsRegistry } from './metrics.registry.js';
import { PrometheusTelemetry } from './prometheus.telemetry.js';

const lines = async (registry: MetricsRegistry) =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('instagram_'));

describe('metrics', () => {
  it('counts what messaging reports', async () => {
    const registry = new MetricsRegistry();
    const telemetry = new PrometheusTelemetry(registry);
    telemetry.deliveryReceived('accepted', 0.004);
    telemetry.deliveryReceived('bad_signature', 0.001);
    telemetry.eventsStored('message', 3, 2);
    telemetry.eventSettled('message', 'processed', 0.2);
    telemetry.eventSettled('message', 'retry', 0.2);
    telemetry.sendSettled('sent', 0.3);
    telemetry.sendSettled('held_back', 0);
    telemetry.messageEnded('expired');
    telemetry.accountLookedAfter('token', 'changed');
    const text = await lines(registry);
    expect(text).toEqual(
      expect.arrayContaining([
        'instagram_deliveries_total{result="accepted"} 1',
        'instagram_deliveries_total{result="bad_signature"} 1',
        'instagram_delivery_duration_seconds_bucket{le="0.005",result="accepted"} 1',
        'instagram_events_stored_total{kind="message"} 3',
        'instagram_events_duplicate_total{kind="message"} 2',
        'instagram_events_settled_total{kind="message",result="processed"} 1',
        'instagram_events_settled_total{kind="message",result="retry"} 1',
        'instagram_event_latency_seconds_count{result="processed"} 1',
        'instagram_account_care_total{task="token",outcome="changed"} 1',
        'instagram_account_care_total{task="subscription",outcome="failed"} 0',
        'instagram_sends_total{result="sent"} 1',
        'instagram_send_duration_seconds_count{result="sent"} 1',
        'instagram_sends_total{result="held_back"} 1',
        'instagram_messages_ended_total{end="expired"} 1',
        'instagram_messages_ended_total{end="cancelled"} 0',
      ]),
    );
    expect(text.some((line) => line.startsWith('instagram_event_latency_seconds_count{result="retry"}'))).toBe(false);
    expect(text.some((line) => line.startsWith('instagram_send_duration_seconds_count{result="held_back"}'))).toBe(false);
  });

  it('does not grow a series for every kind somebody invents', async () => {
    const registry = new MetricsRegistry();
    const telemetry = new PrometheusTelemetry(registry);
    for (let i = 0; i < 1000; i++) telemetry.eventsStored(`kind_${String(i)}`, 1, 0);
    const series = (await lines(registry)).filter((line) => line.startsWith('instagram_events_stored_total'));
    expect(series.length).toBeLessThan(100);
    expect(series.join('\n')).toContain('kind="other"');
  });

  it('shows the queues while the database answers, and everything else when it does not', async () => {
    const registry = new MetricsRegistry();
    const telemetry = new PrometheusTelemetry(registry);
    let answer: () => Promise<BacklogReport> = () =>
      Promise.resolve({
        inbox: { depth: 4, oldestAt: new Date(Date.now() - 60_000) },
        outbox: { depth: 0, oldestAt: null },
        unsettled: { sending: { depth: 0, oldestAt: null }, uncertain: { depth: 0, oldestAt: null } },
        deadTokens: 1,
        pausedAccounts: 2,
        troubled: { token: 2, subscription: 0 },
      });
    const gauges = new BacklogGauges(registry, { report: () => answer() } as Backlog, new SystemClock());
    telemetry.sendSettled('sent', 0.1);
    await gauges.refresh();
    expect(await lines(registry)).toEqual(
      expect.arrayContaining([
        'instagram_queue_depth{queue="inbox"} 4',
        'instagram_queue_oldest_age_seconds{queue="inbox"} 60',
        'instagram_queue_oldest_age_seconds{queue="outbox"} 0',
        'instagram_accounts_dead_token 1',
        'instagram_accounts_sending_paused 2',
        'instagram_accounts_troubled{about="token"} 2',
        'instagram_accounts_troubled{about="subscription"} 0',
      ]),
    );
    answer = () => Promise.reject(new Error('away'));
    await gauges.refresh();
    const text = (await lines(registry)).join('\n');
    expect(text).not.toMatch(/^instagram_(queue|accounts)/m);
    expect(text).toContain('instagram_sends_total{result="sent"} 1');
  });
});
