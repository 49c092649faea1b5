import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { CreateAccountRequest } from './create-account.request.dto.js';
import { UpdateAccountRequest } from './update-account.request.dto.js';

const problemsOf = (request: object) => validateSync(request).flatMap(({ constraints = {} }) => Object.values(constraints));
const problemsWith = (fields: object) => [
  problemsOf(plainToInstance(CreateAccountRequest, { id: '1', username: 'shop', accessToken: 'token', appSecret: 'secret', ...fields })),
  problemsOf(plainToInstance(UpdateAccountRequest, fields)),
];

describe('an account of a request', () => {
  it('has a username of one line, which may be written with its @', () => {
    for (const good of ['my.shop', '@my.shop', 'a', 'me@home', '😀'.repeat(255)]) expect(problemsWith({ username: good })).toEqual([[], []]);
    const said = [expect.stringMatching(/^username must be one line .* without a blank at either end$/)];
    for (const bad of ['@', '@@my.shop', ' my.shop', 'my\nshop']) expect(problemsWith({ username: bad })).toEqual([said, said]);
  });

  it('has a verify token that can be typed into a form', () => {
    for (const good of ['a', 'any thing', 'ñ😀']) expect(problemsWith({ webhookVerifyToken: good })).toEqual([[], []]);
    const said = [expect.stringMatching(/^webhookVerifyToken must be one line, without a blank at either end/)];
    for (const bad of ['   ', 'read from a file\n', '\ttoken', 'two\nlines']) expect(problemsWith({ webhookVerifyToken: bad })).toEqual([said, said]);
  });
});
