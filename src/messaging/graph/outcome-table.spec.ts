import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OUTCOMES, type Outcome, type OutcomeRow, type Range } from './outcome-table.js';

const DOCUMENT = join(import.meta.dirname, '../../../docs/sending.md');

describe('docs/sending.md', () => {
  it('has the table of outcomes as the code has it', async () => {
    const lines = (await readFile(DOCUMENT, 'utf8')).split('\n');
    const start = lines.indexOf('| code | what happened | what becomes of the message | what to do |');
    const table = lines.slice(start + 2, lines.indexOf('', start));
    expect(table).toEqual(OUTCOMES.map(lineOf));
  });
});

function lineOf({ code, subcode, outcome, what, cure }: OutcomeRow): string {
  const pair = code === 'any' ? `any/${numbers(subcode)}` : `${numbers(code)}${subcode === null ? '' : `/${numbers(subcode)}`}`;
  return `| ${pair} | ${what} | ${words(outcome)} | ${cure} |`.replaceAll('  ', ' ');
}

function numbers(value: number | Range | null): string {
  return typeof value === 'object' && value !== null ? `${String(value.from)} to ${String(value.to)}` : String(value);
}

function words(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'sent':
      return '`sent`, if it is a private reply; else `failed`';
    case 'retry':
      return 'tried again';
    case 'retry_once':
      return 'tried once more';
    case 'unknown':
      return '`uncertain`, looked up';
    case 'failed':
      return '`failed`';
    case 'conversation_closed':
      return '`failed`, conversation closed';
    case 'conversation_paused':
      return `\`failed\`, rules pause there for ${minutes(outcome.minutes)}`;
    case 'account_paused':
      return `waits, ${outcome.app ? 'accounts of the app pause' : 'account pauses'} for ${minutes(outcome.minutes)}`;
    case 'account_refused':
      return `\`failed\`, account pauses for ${minutes(outcome.minutes)}`;
    case 'permission':
      return `\`failed\`, account pauses for ${minutes(outcome.minutes)} (not for a private reply, a tag, a reaction or an answer to one message)`;
    case 'dead_token':
      return 'waits for a new token';
  }
}

function minutes(count: number): string {
  return count % 60 === 0 ? `${String(count / 60)} h` : `${String(count)} min`;
}
