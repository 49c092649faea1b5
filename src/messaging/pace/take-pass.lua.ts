/**
 * Asks for one pass, in one step for all instances. A sorted set for each account and kind holds the passes of its window
 * by Redis's own clock, in microseconds (instances' clocks differ).
 *
 * KEYS: one for each kind. ARGV: a name for this pass; then for each key its limit, its window in ms, how many passes
 * were made without asking while Redis was away, and the age of each in ms.
 * Gives 0 when it may go (and is counted under every key), else after how many ms there may be room.
 */
export const TAKE_PASS = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function text(number) return string.format('%.0f', number) end
local wait, at = 0, 2
for index, key in ipairs(KEYS) do
  local most, window, unreported = tonumber(ARGV[at]), ARGV[at + 1] * 1000, tonumber(ARGV[at + 2])
  for n = 1, unreported do
    redis.call('ZADD', key, text(now - ARGV[at + 2 + n] * 1000), ARGV[1] .. ':' .. n)
  end
  at = at + 3 + unreported
  redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now - window))
  local made = redis.call('ZCARD', key)
  if made >= most then
    local leaving = redis.call('ZRANGE', key, made - most, made - most, 'WITHSCORES')
    wait = math.max(wait, leaving[2] + window - now)
  end
  if made > 0 then redis.call('PEXPIRE', key, math.ceil(window / 1000)) end
end
if wait > 0 then return math.ceil(wait / 1000) end
at = 2
for index, key in ipairs(KEYS) do
  redis.call('ZADD', key, text(now), ARGV[1])
  redis.call('PEXPIRE', key, ARGV[at + 1])
  at = at + 3 + ARGV[at + 2]
end
return 0
`;

/** Says that an instance lives, and gives how many have said so lately. KEYS: the set. ARGV: its name, for how many ms that holds. */
export const COUNT_INSTANCES = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
`;
