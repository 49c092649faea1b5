import { ACCOUNT, CUSTOMER, item, START, type InboxBed } from './inbox-bed.js';

export const MINUTE = 60_000;
export const at = (minutes: number) => ({ timestamp: START + minutes * MINUTE });
const fromAccount = { sender: { id: ACCOUNT }, recipient: { id: CUSTOMER } };
export const echo = (mid: string, words: string, over: object = {}) => item({ message: { mid, text: words, is_echo: true } }, { ...fromAccount, ...over });

/** A conversation minute by minute. */
export class AutomationTalk {
  private mids = 0;

  constructor(private readonly bed: InboxBed) {}

  async deliver(...items: unknown[]): Promise<void> {
    await this.bed.deliver(items);
    await this.bed.process();
  }

  passTo(minutes: number): void {
    this.bed.clock.forward(START + minutes * MINUTE - this.bed.clock.now().getTime());
  }

  async lastDecision() {
    return (await this.bed.decisions()).at(-1)!;
  }

  /** Somebody writes at this minute; how many answers are queued after that. */
  async answersAfter(words: string, minutes: number, content: object = {}): Promise<number> {
    this.passTo(minutes);
    await this.deliver(item({ message: { mid: `m${String(this.mids++)}`, text: words, ...content } }, at(minutes)));
    return (await this.bed.sends()).length;
  }
}
