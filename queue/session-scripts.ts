/** Puts other tokens in place of known ones. KEYS: the session. ARGV: the known, the new ones. */
export const replaceTokensScript = `
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'sealed', ARGV[2])
return 1
`;

/** Removes a session that still has known tokens. KEYS: the session. ARGV: the tokens. */
export const removeSessionScript = `
if redis.call('HGET', KEYS[1], 'sealed') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`;
