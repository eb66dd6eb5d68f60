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

/**
 * Says that a tag belongs to a build's push now, if the lock on the image's tags and the build are
 * still the caller's and the tag is where the caller saw it. KEYS: the image's tags, the lock, the
 * build's record. ARGV: tag, its owner as the caller saw it or '', its new owner, the lock's token,
 * the build's fence. Returns 1 if it was said, now or by the same command before its answer was lost.
 */
export const moveTagScript = `
if redis.call('GET', KEYS[2]) ~= ARGV[4] then return 0 end
if redis.call('HGET', KEYS[3], 'fence') ~= ARGV[5] then return 0 end
if redis.call('HGET', KEYS[3], 'state') ~= '"running"' then return 0 end
local owner = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if owner == ARGV[3] then return 1 end
if owner ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`;
