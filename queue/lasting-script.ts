/** Sets fields that are gone after a time. KEYS: the hash. ARGV: milliseconds, field/value pairs. */
export const lastingScript = `
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
`;
