/**
 * The next turn of an owner: the one after its last, but none that has passed. KEYS: the owners'
 * last turns, with the current one under '', BullMQ's waiting builds by priority, of which a score
 * holds 2^32 times the priority, the build's job, all queued builds. ARGV: owner. Returns 0 if there
 * is a job. Turns begin anew when no other build waits; a build that comes back with a turn long
 * passed does not turn the current one back.
 */
export const takeTurnScript = `
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
local first = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
if redis.call('ZCARD', KEYS[4]) <= 1 then redis.call('DEL', KEYS[1]) end
local waiting = first[2] and math.floor(tonumber(first[2]) / 4294967296) or 1
local current = math.max(waiting, tonumber(redis.call('HGET', KEYS[1], '') or 1))
local last = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
local turn = math.max(current, last + 1)
redis.call('HSET', KEYS[1], ARGV[1], turn, '', current)
return turn
`;
