import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { CreateAccountRequest } from './create-account.request.dto.js';
import { UpdateAccountRequest } from './update-account.request.dto.js';

const problemsOf = (request: object) => validateSync(request).flatMap(({ constraints = {} }) => Object.values(constraints));

describe('an account of a request', () => {
  it('has a username without the @, by which the command line finds it', () => {
    const account = { id: '1', accessToken: 'token', appSecret: 'secret' };
    const problems = (username: string) => [
      problemsOf(plainToInstance(CreateAccountRequest, { ...account, username })), problemsOf(plainToInstance(UpdateAccountRequest, { username })),
    ];
    for (const good of ['my.shop', 'a', 'me@home', '😀'.repeat(255)]) expect(problems(good)).toEqual([[], []]);
    const said = [expect.stringMatching(/^username must be .* without the @$/)];
    for (const bad of ['@my.shop', ' my.shop', 'my\nshop']) expect(problems(bad)).toEqual([said, said]);
  });
});
