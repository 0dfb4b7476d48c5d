/**
 * KEYS: meta, witness. ARGV: schema version, the id of a new ledger, 1 if this process has opened the ledger before.
 * Makes a new ledger where there is nothing of one. Answer: schema version, id, witness.
 */
export const OPEN_SCRIPT = `
if ARGV[3] == '0' and redis.call('EXISTS', KEYS[1], KEYS[2]) == 0 then
  redis.call('HSET', KEYS[1], 'schema_version', ARGV[1], 'id', ARGV[2])
  redis.call('HSET', KEYS[2], 'id', ARGV[2])
end
return {
  redis.call('HGET', KEYS[1], 'schema_version') or '',
  redis.call('HGET', KEYS[1], 'id') or '',
  redis.call('HGET', KEYS[2], 'id') or ''
}
`;

/**
 * KEYS: meta, witness, groups. ARGV: for each group the number of its fields and their names; 0 for all.
 * Answer: schema version, id, witness, time in milliseconds, then for each group its version and a list of fields and values.
 */
export const READ_SCRIPT = `
local time = redis.call('TIME')
local answer = {
  redis.call('HGET', KEYS[1], 'schema_version') or '',
  redis.call('HGET', KEYS[1], 'id') or '',
  redis.call('HGET', KEYS[2], 'id') or '',
  string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
}
local at = 1
for index = 3, #KEYS do
  local count = tonumber(ARGV[at])
  local fields = {}
  if count == 0 then
    fields = redis.call('HGETALL', KEYS[index])
  else
    for offset = 1, count do
      local name = ARGV[at + offset]
      local value = redis.call('HGET', KEYS[index], name)
      if value then
        fields[#fields + 1] = name
        fields[#fields + 1] = value
      end
    end
  end
  answer[#answer + 1] = redis.call('HGET', KEYS[index], '#') or ''
  answer[#answer + 1] = fields
  at = at + 1 + count
end
return answer
`;

/**
 * KEYS: meta, witness, groups. ARGV: schema version, id, the new version of groups, 1 if this is a fence; for each group the version it was
 * read at; then changes of three: number of the group, field, and value with = before it, or - for removal.
 * All checks come before the first change: Redis does not undo what a script has done.
 * Answer: OK; CONFLICT if a group has another version by now; EMPTIED or TOO-NEW.
 */
export const WRITE_SCRIPT = `
local schema = redis.call('HGET', KEYS[1], 'schema_version')
if not schema then return 'EMPTIED' end
if schema ~= ARGV[1] then return 'TOO-NEW' end
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] or redis.call('HGET', KEYS[2], 'id') ~= ARGV[2] then return 'EMPTIED' end
local groups = #KEYS - 2
for index = 1, groups do
  if (redis.call('HGET', KEYS[index + 2], '#') or '') ~= ARGV[4 + index] then return 'CONFLICT' end
end
local touched = {}
for at = 5 + groups, #ARGV, 3 do
  local index = tonumber(ARGV[at])
  local key = KEYS[index + 2]
  local value = ARGV[at + 2]
  if string.sub(value, 1, 1) == '=' then
    redis.call('HSET', key, ARGV[at + 1], string.sub(value, 2))
  else
    redis.call('HDEL', key, ARGV[at + 1])
  end
  touched[index] = true
end
for index = 1, groups do
  local key = KEYS[index + 2]
  if touched[index] then
    redis.call('HDEL', key, '#')
    if redis.call('EXISTS', key) == 1 then
      redis.call('HSET', key, '#', ARGV[3])
      redis.call('PERSIST', key)
    end
  elseif ARGV[4] == '1' then
    local isNew = redis.call('EXISTS', key) == 0
    redis.call('HSET', key, '#', ARGV[3])
    if isNew then redis.call('PEXPIRE', key, 3600000) end
  end
end
return 'OK'
`;
