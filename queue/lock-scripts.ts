/**
 * Takes a key if nobody holds it; sent again since its answer was lost, it finds it taken by itself.
 * KEYS: the key. ARGV: the value, milliseconds. Returns 1 if the key holds the value now.
 */
export const takeScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0
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
