/**
 * Creates a build unless it exists. KEYS: record, seq, all builds, the repository's builds, the
 * ones in its state, due reports, and for one that has ended already due notifications. ARGV: id, now,
 * then field/value pairs as JSON. Returns the new `seq`, or 0 if the build was there already.
 */
export const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local seq = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], 'seq', seq, unpack(ARGV, 3))
redis.call('ZADD', KEYS[3], seq, ARGV[1])
redis.call('ZADD', KEYS[4], seq, ARGV[1])
redis.call('ZADD', KEYS[5], seq, ARGV[1])
for i = 6, #KEYS do redis.call('ZADD', KEYS[i], ARGV[2], ARGV[1]) end
return seq
`;

/**
 * Moves a build to another state, or changes fields within its state, if it is in one of the
 * states given and, when a fence is given, still at that fence. KEYS: record, the old states' sets
 * in the order of ARGV[2], the new state's set (or the record's own key again), due reports, due
 * archives, log, due notifications. ARGV: id, the states allowed (comma-separated, as stored), fence
 * or '', new state as stored or '', now, who must notice ('check', 'readers' or 'nobody'), 'end' or
 * '', fields to count up (comma-separated), a last line for the log as JSON or '', then field/value pairs. Returns
 * 'ok', or what stood in the way: 'missing', 'fence' or the state.
 */
export const changeScript = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 'missing' end
local at = 0
local index = 0
for allowed in string.gmatch(ARGV[2], '[^,]+') do
  index = index + 1
  if allowed == state then at = index end
end
if at == 0 then return state end
if ARGV[3] ~= '' and redis.call('HGET', KEYS[1], 'fence') ~= ARGV[3] then return 'fence' end
for field in string.gmatch(ARGV[8], '[^,]+') do redis.call('HINCRBY', KEYS[1], field, 1) end
if #ARGV > 9 then redis.call('HSET', KEYS[1], unpack(ARGV, 10)) end
if ARGV[9] ~= '' then
  local n = redis.call('HINCRBY', KEYS[1], 'lines', 1)
  redis.call('XADD', KEYS[5 + index], n .. '-0', 'l', ARGV[9])
end
if ARGV[6] ~= 'nobody' then redis.call('HINCRBY', KEYS[1], 'version', 1) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'state', ARGV[4])
  redis.call('ZREM', KEYS[1 + at], ARGV[1])
  redis.call('ZADD', KEYS[2 + index], redis.call('HGET', KEYS[1], 'seq'), ARGV[1])
end
if ARGV[6] == 'check' then redis.call('ZADD', KEYS[3 + index], ARGV[5], ARGV[1]) end
if ARGV[7] ~= '' then
  redis.call('ZADD', KEYS[4 + index], ARGV[5], ARGV[1])
  redis.call('ZADD', KEYS[6 + index], ARGV[5], ARGV[1])
end
return 'ok'
`;

/**
 * Takes a build off a list of work that is due, unless its state or attempt changed since. KEYS:
 * record, the list. ARGV: id, the state as stored and the attempt that were dealt with. Returns 1 if it
 * was taken off.
 */
export const settleScript = `
if redis.call('HGET', KEYS[1], 'state') ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[1], 'attempt') ~= ARGV[3] then return 0 end
return redis.call('ZREM', KEYS[2], ARGV[1])
`;

/**
 * Takes what is due off a list for a while, so that nobody else does it meanwhile. KEYS: the list, by
 * time. ARGV: now, until when it is taken, how many at most. Returns the members.
 */
export const takeDueScript = `
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], id) end
return due
`;

/**
 * Deletes an ended build's record and whatever names it, unless its check, its archive or telling of
 * its end is due. KEYS: record, live log, all builds, the repository's builds, the ones in its state,
 * due reports, due archives, due notifications. ARGV: id, its state as stored. Returns 1 if it was deleted.
 */
export const forgetScript = `
if redis.call('HGET', KEYS[1], 'state') ~= ARGV[2] then return 0 end
for i = 6, 8 do if redis.call('ZSCORE', KEYS[i], ARGV[1]) then return 0 end end
for i = 3, 5 do redis.call('ZREM', KEYS[i], ARGV[1]) end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
`;

/**
 * Writes what a build's check shows, if nobody wrote anything else since the caller looked; said
 * again, it is written already. KEYS: record. ARGV: what the record said then, what it says from now
 * on, the check run's id, each as stored. Returns 1 if that is what it says.
 */
export const noteReportScript = `
local said = redis.call('HGET', KEYS[1], 'reported')
if said == ARGV[2] and redis.call('HGET', KEYS[1], 'checkRunId') == ARGV[3] then return 1 end
if said ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'reported', ARGV[2], 'checkRunId', ARGV[3])
return 1
`;
