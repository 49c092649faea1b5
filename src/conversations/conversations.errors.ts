import { AppError } from '../common/errors.js';

export class AccountNotFoundError extends AppError {
  constructor(accountId: string) {
    super('not_found', 'account_not_found', `There is no account ${accountId}.`);
  }
}

export class ConversationNotFoundError extends AppError {
  constructor(id: string) {
    super('not_found', 'conversation_not_found', `There is no conversation ${id} in this account.`);
  }
}

export class MessageNotFoundError extends AppError {
  constructor(id: string) {
    super('not_found', 'message_not_found', `There is no message ${id} in this account.`);
  }
}
