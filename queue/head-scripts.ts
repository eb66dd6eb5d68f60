/**
 * Says that a ref's head is planned, and under what. KEYS: the repository's heads, what this head of
 * this ref was planned under. ARGV: ref, head, what the ref was at before, seconds of the push,
 * seconds for which it is remembered, who tells of it: 'webhook' or 'sweep'. A head is stored as "head
 * seconds" under its ref, what it was planned under with the `before` that a webhook told. Returns what
 * to plan it under: the same for all that tell of one push, be it a second delivery or the sweep,
 * which does not know what was before. It is another push of the same head, and planned anew, if the
 * ref is known to have been elsewhere in between, or a webhook tells of a later one from elsewhere.
 */
export const claimHeadScript = `
local head, at = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%S+) (%S+)$')
local under, planned, told = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) (%S+) ?(%S*)$')
local mine = tonumber(ARGV[4])
local before = ARGV[6] == 'webhook' and ARGV[3] or ''
at = tonumber(at or -1)
planned = tonumber(planned or -1)
told = told or ''
local wasElsewhere = at >= planned and head ~= ARGV[2]
local isFromElsewhere = before ~= '' and told ~= '' and before ~= told
if not under then
  under = ARGV[3]
elseif mine > planned and (wasElsewhere or isFromElsewhere) then
  under = ARGV[3] .. '@' .. ARGV[4]
  told = ''
end
if told == '' then told = before end
redis.call('SET', KEYS[2], under .. ' ' .. math.max(mine, planned) .. ' ' .. told, 'EX', ARGV[5])
if at <= mine then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[4]) end
return under
`;

/**
 * Takes a head back that nothing could be planned of. KEYS: the repository's heads. ARGV: ref, the head
 * as stored, what the ref was at before, as stored. What it was planned under stays: the same push
 * planned later is the same.
 */
export const releaseHeadScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
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
