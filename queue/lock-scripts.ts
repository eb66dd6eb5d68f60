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
