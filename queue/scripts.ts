/**
 * Creates a build unless it exists. KEYS: record, seq, all builds, the repository's builds, the
 * ones in its state, due reports. ARGV: id, now, then field/value pairs as JSON. Returns the new `seq`,
 * or 0 if the build was there already.
 */
export const createScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local seq = redis.call('INCR', KEYS[2])
redis.call('HSET', KEYS[1], 'seq', seq, unpack(ARGV, 3))
redis.call('ZADD', KEYS[3], seq, ARGV[1])
redis.call('ZADD', KEYS[4], seq, ARGV[1])
redis.call('ZADD', KEYS[5], seq, ARGV[1])
redis.call('ZADD', KEYS[6], ARGV[2], ARGV[1])
return seq
`;

/**
 * Moves a build to another state, or changes fields within its state, if it is in one of the
 * states given and, when a fence is given, still at that fence. KEYS: record, the old states' sets
 * in the order of ARGV[2], the new state's set (or the record's own key again), due reports, due
 * archives. ARGV: id, the states allowed (comma-separated, as stored), fence or '', new state as
 * stored or '', now, who must notice ('check', 'readers' or 'nobody'), 'archive' or '', fields to
 * count up (comma-separated), then field/value pairs. Returns 'ok', or what stood in the way: 'missing', 'fence' or the state.
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
if #ARGV > 8 then redis.call('HSET', KEYS[1], unpack(ARGV, 9)) end
if ARGV[6] ~= 'nobody' then redis.call('HINCRBY', KEYS[1], 'version', 1) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'state', ARGV[4])
  redis.call('ZREM', KEYS[1 + at], ARGV[1])
  redis.call('ZADD', KEYS[2 + index], redis.call('HGET', KEYS[1], 'seq'), ARGV[1])
end
if ARGV[6] == 'check' then redis.call('ZADD', KEYS[3 + index], ARGV[5], ARGV[1]) end
if ARGV[7] ~= '' then redis.call('ZADD', KEYS[4 + index], ARGV[5], ARGV[1]) end
return 'ok'
`;

/**
 * Appends lines to a running build's live log. KEYS: record, log. ARGV: fence, then the lines as
 * JSON. Returns the number of the last line, or -1 if the build is no longer this attempt's.
 */
export const appendScript = `
if redis.call('HGET', KEYS[1], 'state') ~= '"running"' then return -1 end
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return -1 end
local n = redis.call('HINCRBY', KEYS[1], 'lines', #ARGV - 1) - #ARGV + 1
for i = 2, #ARGV do redis.call('XADD', KEYS[2], (n + i - 1) .. '-0', 'l', ARGV[i]) end
return n + #ARGV - 1
`;

/**
 * Marks a build's log as archived unless it is. KEYS: record. ARGV: now, as stored. Returns 1 to
 * the one caller that set the mark.
 */
export const archiveScript = `
if redis.call('HGET', KEYS[1], 'archivedAt') ~= 'null' then return 0 end
redis.call('HSET', KEYS[1], 'archivedAt', ARGV[1])
return 1
`;

/**
 * Takes a build off a list of work that is due, unless its record changed since. KEYS: record, the
 * list. ARGV: id, the version that was dealt with. Returns 1 if it was taken off.
 */
export const settleScript = `
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[2] then return 0 end
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

/** Deletes a key if it still holds the value. KEYS: the key. ARGV: the value. */
export const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/** Prolongs a key if it still holds the value. KEYS: the key. ARGV: the value, milliseconds. */
export const prolongScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`;

/**
 * Claims a tag for a ref. KEYS: the image's claims. ARGV: tag, ref, 'exact' or 'changed'. Returns 1
 * if the ref has the tag now.
 */
export const claimTagScript = `
local owner = redis.call('HGET', KEYS[1], ARGV[1])
if owner and owner ~= ARGV[2] and ARGV[3] == 'changed' then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
`;

/** Forgets an approval unless it was replaced. KEYS: the approvals. ARGV: number, what was settled. */
export const settleApprovalScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;

/**
 * Says that a tag belongs to a build's push now, if the lock on the image's tags and the build are
 * still the caller's and the tag is where the caller saw it. KEYS: the image's tags, the lock, the
 * build's record. ARGV: tag, its owner as the caller saw it or '', its new owner, the lock's token,
 * the build's fence. Returns 1 if it was said.
 */
export const moveTagScript = `
if redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
if redis.call('HGET', KEYS[3], 'fence') ~= ARGV[5] then return 0 end
if redis.call('HGET', KEYS[3], 'state') ~= '"running"' then return 0 end
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`;

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

/**
 * Deletes an ended build's record and whatever names it, unless its check or its archive is due.
 * KEYS: record, live log, all builds, the repository's builds, the ones in its state, due reports,
 * due archives. ARGV: id, its state as stored. Returns 1 if it was deleted.
 */
export const forgetScript = `
if redis.call('HGET', KEYS[1], 'state') ~= ARGV[2] then return 0 end
if redis.call('ZSCORE', KEYS[6], ARGV[1]) or redis.call('ZSCORE', KEYS[7], ARGV[1]) then return 0 end
for i = 3, 5 do redis.call('ZREM', KEYS[i], ARGV[1]) end
redis.call('DEL', KEYS[1], KEYS[2])
return 1
`;

/**
 * Marks an archived log as removed unless it is. KEYS: record. ARGV: now, as stored. Returns 1 if
 * it was marked now.
 */
export const removeLogScript = `
local archived = redis.call('HGET', KEYS[1], 'archivedAt')
if not archived or archived == 'null' then return 0 end
if (redis.call('HGET', KEYS[1], 'logRemovedAt') or 'null') ~= 'null' then return 0 end
redis.call('HSET', KEYS[1], 'logRemovedAt', ARGV[1])
return 1
`;

/** Sets fields that are gone after a time. KEYS: the hash. ARGV: milliseconds, field/value pairs. */
export const lastingScript = `
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
`;

/**
 * Says that a ref's head is planned, and under what. KEYS: the repository's heads, what this head of
 * this ref was planned under. ARGV: ref, head, what the ref was at before, seconds of the push,
 * seconds for which it is remembered. A head is stored as "head seconds" under its ref. Returns what
 * to plan it under: the same for all that tell of one push, be it a second delivery or the sweep,
 * which does not know what was before. It is another push of the same head, and planned anew, if the
 * ref is known to have been elsewhere in between.
 */
export const claimHeadScript = `
local pattern = '^(%S+) (%S+)$'
local head, at = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', pattern)
local under, planned = string.match(redis.call('GET', KEYS[2]) or '', pattern)
local mine = tonumber(ARGV[4])
at = tonumber(at or -1)
planned = tonumber(planned or -1)
if not under then
  under = ARGV[3]
elseif mine > planned and at >= planned and head ~= ARGV[2] then
  under = ARGV[3] .. '@' .. ARGV[4]
end
redis.call('SET', KEYS[2], under .. ' ' .. math.max(mine, planned), 'EX', ARGV[5])
if at <= mine then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[4]) end
return under
`;

/**
 * Takes a repository's refs as they are for planned, except those of which more is known. KEYS: the
 * repository's heads. ARGV: the field that says so, its value, then refs and heads as stored.
 */
export const baselineScript = `
for i = 3, #ARGV, 2 do redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
return redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2])
`;

/** Forgets refs whose heads are still the ones given. KEYS: the heads. ARGV: refs and heads as stored. */
export const forgetHeadsScript = `
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1
`;

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
