export { LocalMeta, type Counts, type LocalMetaOptions } from './local-meta.js';
export type { Call, EchoOrder, Endpoint, Failure } from './failure-plan.js';
export type { RecordedSend } from './graph-sends.js';
export type { RecordedCall } from './graph-api.js';
export type { MetaAccount, Person } from './meta-account.js';
export type { Answer, DeliverOptions, Posted } from './webhook-client.js';
export { newIgsid, newMid, sameMidInOtherCase } from './mids.js';
export { wireBytes } from './wire-format.js';
export * from './events.js';
