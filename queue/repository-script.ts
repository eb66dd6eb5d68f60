/**
 * Remembers a repository under its id and its name, unless something newer is known of it. KEYS: the
 * repository, ids by name. ARGV: the repository as JSON, of when it is, its name in lower case, its id.
 * Returns the repository as it is known then.
 */
export const saveRepositoryScript = `
local known = redis.call('GET', KEYS[1])
if known and (cjson.decode(known).asOf or 0) > tonumber(ARGV[2]) then
  redis.call('HSETNX', KEYS[2], ARGV[3], ARGV[4])
  return known
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
return ARGV[1]
`;

/**
 * Takes a repository for private. KEYS: the repository. ARGV: since when, by our clock; whatever was
 * told before is then older than that.
 */
export const hideRepositoryScript = `
local known = redis.call('GET', KEYS[1])
if not known then return 0 end
local repository = cjson.decode(known)
repository.private = true
repository.asOf = math.max((repository.asOf or 0) + 1, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], cjson.encode(repository))
return 1
`;
