// @ts-check

/** @typedef {{ messages: number, conversations: number, events: number }} Size */

export const DAYS = 300;
export const EVENT_DAYS = 29;
/** The first conversations are those of the people who write while it is measured, shared out evenly. */
export const SHARED_OUT = 10_000;
export const PAYLOAD = '{"sender":{"id":"9000000000000000"},"recipient":{"id":"17841400000000001"},"timestamp":1764000000000,"message":{"mid":"aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAxOjM0MDI4MjM2Njg0MTcxMDMwMTI0NDI1OTk4NzY1NDMyMTA5ODc2NTozMTQ1","text":"Hi! Is the blue jacket from your last post still available in size M?"}}';
export const DECISION = '{"rules":[{"ruleId":1,"matched":false,"reason":"the text does not contain it"}],"queued":[],"stopped":"no rule matched"}';

/** Every how many messages one is of the long conversation. @param {Size} size */
export const longEvery = (size) => Math.max(2, Math.floor(size.messages / 10_000));

/** A conversation's account, from the conversation's number: of those not shared out, six in ten are the first one's. @param {number} c @param {number} accounts */
export const ownerOf = (c, accounts) => (c < SHARED_OUT ? c % accounts : c % 10 < 6 ? 0 : c % accounts);
