// @ts-check

/** @typedef {import('./figures.mjs').Figures} Figures */

/**
 * What is assumed of the traffic. Change it here, and `npm run bench:sizing -- --tables` redraws the page.
 */
export const ASSUMED = {
  /** Of the messages, how many are answered. */
  answered: 0.5,
  /** Deliveries beside the message itself, for each answer: Meta's echo of it, and that it was read. */
  deliveriesPerAnswer: 2,
  /** The busiest minute, in times of the average. */
  peak: 10,
  messagesPerConversation: 20,
  retentionDays: 30,
  /** How long the server keeps its binary log: MySQL's own default is 30 days. */
  binaryLogDays: 3,
  /** How busy a processor may be at the peak. */
  utilisation: 0.5,
  /** Connections of one process: `poolSize` in src/database/data-source.ts. */
  poolSize: 16,
  /** From here on the work is spread over several database servers: what one of them offers comfortably. */
  databaseCores: 16,
};

const DAY = 86_400;

/**
 * Pure arithmetic: the formulas stand in docs/scaling.md in the same order.
 * @param {Figures} f
 * @param {number} messagesAtPeak customers' messages a second in the busiest minute
 */
export function planFor(f, messagesAtPeak) {
  const a = ASSUMED;
  const deliveriesPerMessage = 1 + a.answered * a.deliveriesPerAnswer;
  const messagesPerDay = (messagesAtPeak / a.peak) * DAY;
  const deliveriesAtPeak = messagesAtPeak * deliveriesPerMessage;
  const repliesAtPeak = messagesAtPeak * a.answered;
  // An answered message is measured all through, so the rest is what is stored and applied only.
  const applied = deliveriesAtPeak - repliesAtPeak;
  const seconds = (/** @type {number} */ microseconds) => microseconds / 1e6 / a.utilisation;
  const webCores = seconds(deliveriesAtPeak * f.ackCpu);
  const workerCores = seconds(applied * f.workCpu + repliesAtPeak * Math.max(0, f.replyCpu - f.ackCpu));
  const databaseCores = seconds(applied * f.allDatabaseCpu + repliesAtPeak * f.replyDatabaseCpu);
  // A process is one thread of JavaScript: a core each.
  const webs = Math.ceil(webCores);
  const workers = Math.ceil(workerCores);
  return {
    messagesAtPeak, messagesPerDay, deliveriesAtPeak, repliesAtPeak, webCores, workerCores, databaseCores, webs, workers,
    connections: (webs + workers) * a.poolSize,
    databases: Math.ceil(databaseCores / a.databaseCores),
    eventsBytes: messagesPerDay * deliveriesPerMessage * a.retentionDays * f.eventBytes,
    messagesBytesPerYear: 365 * messagesPerDay * ((1 + a.answered) * f.messageBytes + f.conversationBytes / a.messagesPerConversation),
    binaryLogBytes: messagesPerDay * deliveriesPerMessage * a.binaryLogDays * f.binaryLogBytes,
    accountsAtLeast: Math.max(1, Math.ceil(repliesAtPeak / 90)),
  };
}
