-- A round of wrk that ends quietly: after `seconds` it asks for nothing new and lets what is under way be
-- answered. So every request that cost the server time was counted, and none reaches into the next round.

local ffi = require("ffi")
ffi.cdef([[
  typedef struct { long seconds, micros; } instant;
  int gettimeofday(instant *, void *);
  int getpid(void);
  int kill(int, int);
]])

local INTERRUPT = 2 -- ends wrk before its duration, with its figures
local NEVER = 1e6 -- ms
local instant = ffi.new("instant")
local threads = {}

local function now()
  ffi.C.gettimeofday(instant, nil)
  return tonumber(instant.seconds) + tonumber(instant.micros) / 1e6
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  seconds, connections = tonumber(args[1]), tonumber(args[2])
  asked, resting, first, last = 0, 0, nil, 0
end

-- wrk calls this before each request of a connection, so also right after each answer.
function delay()
  last = now()
  first = first or last
  if last - first < seconds then
    asked = asked + 1
    return 0
  end
  resting = resting + 1
  if resting == connections then
    ffi.C.kill(ffi.C.getpid(), INTERRUPT)
  end
  return NEVER
end

function done(summary, latency)
  local thread, errors = threads[1], summary.errors
  print(string.format(
    '{"asked": %d, "answered": %d, "broken": %d, "late": %d, "refused": %d, "bytes": %d,'
    .. ' "seconds": %.6f, "p50": %d, "p99": %d}',
    thread:get("asked"), summary.requests,
    errors.connect + errors.read + errors.write, errors.timeout, errors.status, summary.bytes,
    thread:get("last") - thread:get("first"), latency:percentile(50), latency:percentile(99)))
end
