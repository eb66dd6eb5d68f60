/**
 * Writes down a notification unless it is there already, and forgets the oldest above a number.
 * KEYS: the repository's notifications, their times. ARGV: id, the notification as JSON, now, how many
 * are kept. Returns 1 if it is new.
 */
export const addNotificationScript = `
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local over = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[4])
if over > 0 then
  for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, over - 1)) do
    redis.call('HDEL', KEYS[1], id)
    redis.call('ZREM', KEYS[2], id)
  end
end
return 1
`;

/**
 * Changes fields of a notification, if it is still remembered. KEYS: the repository's notifications.
 * ARGV: id, the fields as JSON, by how much the tries rise. Returns it as JSON, or nothing.
 */
export const changeNotificationScript = `
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return nil end
local notification = cjson.decode(text)
for field, value in pairs(cjson.decode(ARGV[2])) do notification[field] = value end
notification.attempts = notification.attempts + tonumber(ARGV[3])
local changed = cjson.encode(notification)
redis.call('HSET', KEYS[1], ARGV[1], changed)
return changed
`;

/**
 * Takes one of a few places, or keeps it, and frees those whose time is over. KEYS: the places. ARGV:
 * who takes it, now, for how long, how many there are. Returns 1 if it is taken.
 */
export const takePlaceScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local has = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not has and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2] + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`;
