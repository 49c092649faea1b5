import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { CreateAccountRequest } from './create-account.request.dto.js';
import { UpdateAccountRequest } from './update-account.request.dto.js';

const NEW = { id: '1', accessToken: 'IGAA', appSecret: 'secret' };

describe("An account's username", () => {
  const created = (username: string) => plainToInstance(CreateAccountRequest, { ...NEW, username });
  const updated = (username: string) => plainToInstance(UpdateAccountRequest, { username });

  it('is stored without the @ that people write before it, as the command line has it', () => {
    expect(CreateAccountRequest.toAccount(created('@example.shop')).username).toBe('example.shop');
    expect(UpdateAccountRequest.toChanges(updated('@example.shop')).username).toBe('example.shop');
    expect(UpdateAccountRequest.toChanges(updated('example.shop')).username).toBe('example.shop');
    expect(UpdateAccountRequest.toChanges(new UpdateAccountRequest()).username).toBeUndefined();
  });

  it.each(['@', '@@shop', '@ shop', ' shop', ''])('is not %j', async (username) => {
    expect((await validate(created(username))).map(({ property }) => property)).toEqual(['username']);
    expect((await validate(updated(username))).map(({ property }) => property)).toEqual(['username']);
  });

  it.each(['@shop', 'shop', 'a', 'x'.repeat(255), 'two words'])('may be %j', async (username) => {
    expect(await validate(created(username))).toEqual([]);
    expect(await validate(updated(username))).toEqual([]);
  });
});
