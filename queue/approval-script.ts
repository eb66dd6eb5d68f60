/** Forgets an approval unless it was replaced. KEYS: the approvals. ARGV: number, what was settled. */
export const settleApprovalScript = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
`;
