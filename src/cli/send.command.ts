import type { INestApplicationContext } from '@nestjs/common';
import { InvalidArgumentError, type Command } from 'commander';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from '../accounts/index.js';
import { CLI_CONTEXT } from '../common/request-context.js';
import type { MessageResponse } from '../conversations/index.js';
import { withApp } from './app-context.js';
import { CommandError } from './command-error.js';
import { findAccount } from './find-account.js';
import { print, remark } from './output.js';

interface SendOptions {
  readonly account: string;
  readonly to: string;
  readonly text: string;
  readonly humanAgent?: true;
  readonly wait: number;
}

const ASK_EVERY_MS = 200;

export function addSendCommand(program: Command): void {
  program
    .command('send')
    .description('Sends one message to somebody who has written before. The running service delivers it.')
    .requiredOption('--account <id or username>', 'the account that sends')
    .requiredOption(
      '--to <id or username>',
      "the recipient's Instagram-scoped id, or a username of a stored conversation",
    )
    .requiredOption('--text <text>', 'up to 1000 bytes of UTF-8')
    .option('--human-agent', 'a person writes: allowed up to 7 days after the last message of the other side')
    .option('--wait <seconds>', 'how long to wait until it has been sent; 0: only queue it', seconds, 20)
    .action(send);
}

async function send(options: SendOptions): Promise<void> {
  await withApp(async ({ app }) => {
    const { SendMessageUseCase } = await import('../messaging/index.js');
    const account = await findAccount(app, options.account);
    const recipientId = await recipientOf(app, account, options.to);
    const queued = await app.get(SendMessageUseCase, { strict: false }).execute(CLI_CONTEXT, account.id, {
      recipientId,
      text: options.text,
      tag: options.humanAgent ? 'HUMAN_AGENT' : undefined,
    });
    if (options.wait === 0) {
      print(`Message ${queued.id} is queued.`);
      return;
    }
    remark(`Message ${queued.id} is queued; waiting for the service to send it …`);
    report(await untilSettled(app, account.id, queued.id, options.wait), options.wait);
  });
}

/** Usernames made of digits are found after ids; what is neither's may be an id all the same, and whoever sends says why it cannot be. */
async function recipientOf(app: INestApplicationContext, account: Account, given: string): Promise<string> {
  const { ConversationRepository, conversationIdOf } = await import('../conversations/index.js');
  const { TransactionRunner } = await import('../database/index.js');
  const conversations = app.get(ConversationRepository, { strict: false });
  const isId = /^\d+$/.test(given);
  const username = given.replace(/^@/, '');
  const found = await app.get(TransactionRunner, { strict: false }).read(
    async (tx) =>
      (isId ? await conversations.find(tx, account.id, conversationIdOf(account.id, given)) : null) ??
      // As typed, and as Instagram writes it.
      (await conversations.findByUsername(tx, account.id, username)) ??
      (await conversations.findByUsername(tx, account.id, username.toLowerCase())),
  );
  if (found) return found.participantId;
  if (isId) return given;
  throw new CommandError(
    `Nobody called ${username} has written to ${account.username}; give the recipient's id instead.`,
  );
}

async function untilSettled(
  app: INestApplicationContext,
  accountId: string,
  messageId: string,
  waitSeconds: number,
): Promise<MessageResponse> {
  const { ConversationsService } = await import('../conversations/index.js');
  const conversations = app.get(ConversationsService, { strict: false });
  const deadline = Date.now() + waitSeconds * 1000;
  for (;;) {
    const message = await conversations.getMessage(accountId, messageId);
    if (message.status === 'sent' || message.status === 'failed' || Date.now() > deadline) return message;
    await delay(ASK_EVERY_MS);
  }
}

function report(message: MessageResponse, waited: number): void {
  if (message.status === 'failed') throw new CommandError(`Not sent: ${message.error ?? 'no reason was given'}`);
  if (message.status === 'sent') print(`Sent as ${message.externalId ?? message.id}.`);
  else if (message.status === 'queued')
    print(`Still queued after ${String(waited)} s: it goes out when a running service gets to it (message ${message.id}).`);
  else print(`Still ${message.status} after ${String(waited)} s: the service is finding out what became of message ${message.id}.`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0 || value > 3600)
    throw new InvalidArgumentError('It must be a number of seconds from 0 to 3600.');
  return value;
}
