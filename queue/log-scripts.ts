/**
 * Appends lines to a running build's live log, and removes others from its middle. KEYS: record, log,
 * counts of all logs. ARGV: fence, how many lines are left out before these, the first and the last
 * line to remove or 0 and 0, the bytes left out and removed, the number of the line that they follow
 * on or '', then the lines as JSON. Lines left out have numbers too. Returns the number of the last line,
 * or -1 if the build is no longer this attempt's. Sent again since its answer was lost, it finds its
 * lines there and adds none.
 */
export const appendScript = `
if redis.call('HGET', KEYS[1], 'state') ~= '"running"' then return -1 end
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return -1 end
local lines, cut, bytes, removed = #ARGV - 6, tonumber(ARGV[2]), 0, 0
local ending = ARGV[6] ~= '' and ARGV[6] + cut + lines
if tonumber(redis.call('HGET', KEYS[1], 'lines')) == ending then return ending end
local last = redis.call('HINCRBY', KEYS[1], 'lines', cut + lines)
for i = 7, #ARGV do
  redis.call('XADD', KEYS[2], (last - #ARGV + i) .. '-0', 'l', ARGV[i])
  bytes = bytes + #ARGV[i]
end
if tonumber(ARGV[4]) > 0 then
  local gone = redis.call('XRANGE', KEYS[2], ARGV[3] .. '-0', ARGV[4] .. '-0')
  for _, entry in ipairs(gone) do
    cut = cut + redis.call('XDEL', KEYS[2], entry[1])
    removed = removed + #entry[2][2]
  end
end
redis.call('HINCRBY', KEYS[1], 'logBytes', bytes - removed)
redis.call('HINCRBY', KEYS[3], 'lines', lines)
redis.call('HINCRBY', KEYS[3], 'bytes', bytes)
redis.call('HINCRBY', KEYS[3], 'cutLines', cut)
redis.call('HINCRBY', KEYS[3], 'cutBytes', ARGV[5])
return last
`;

/**
 * Reads a live log from a line on, no more than is asked for: a stream's own COUNT knows no bytes, and
 * hundreds of long lines for hundreds of readers would fill Redis's memory. KEYS: log. ARGV: first
 * line, how many lines, after how many bytes to stop. Returns ids and lines in turns.
 */
export const readLinesScript = `
local found, bytes, from = {}, 0, ARGV[1] .. '-0'
while #found < 2 * ARGV[2] and bytes < tonumber(ARGV[3]) do
  local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', 4)
  for _, entry in ipairs(entries) do
    found[#found + 1] = entry[1]
    found[#found + 1] = entry[2][2]
    bytes = bytes + #entry[2][2]
    from = '(' .. entry[1]
  end
  if #entries < 4 then break end
end
return found
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
