/**
 * Counts a call of GitHub's API unless there are too many in this hour. KEYS: the hour's calls,
 * what recovery counts. ARGV: the most, seconds to remember the hour, the field to count in. Returns
 * 0, or how often a call was refused in this hour.
 */
export const spendScript = `
if tonumber(redis.call('HGET', KEYS[1], 'made') or 0) >= tonumber(ARGV[1]) then
  local refused = redis.call('HINCRBY', KEYS[1], 'refused', 1)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  return refused
end
redis.call('HINCRBY', KEYS[1], 'made', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
return 0
`;

/** Sets a number of a hash unless it is larger already. KEYS: the hash. ARGV: field, number. */
export const advanceScript = `
if tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`;

/**
 * Notes the newest attempt of a delivery that Slipway lacks, and puts it up unless it waits or was
 * given up; one that waits is put up at once if \`urgent\`. KEYS: the delivery, all such. ARGV: guid,
 * attempt, event, status code, now, seconds to remember, 'urgent' or ''.
 */
export const noteMissedScript = `
local known = redis.call('HGET', KEYS[1], 'attempt')
if known and tonumber(known) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'attempt', ARGV[2], 'event', ARGV[3], 'code', ARGV[4])
redis.call('HSETNX', KEYS[1], 'resent', 0)
redis.call('EXPIRE', KEYS[1], ARGV[6])
if not known then redis.call('ZADD', KEYS[2], ARGV[5], ARGV[1]) end
if known and ARGV[7] == 'urgent' then redis.call('ZADD', KEYS[2], 'XX', ARGV[5], ARGV[1]) end
return 1
`;
