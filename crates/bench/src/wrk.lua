-- Sends the requests of the files that it is called with, in turn, and prints what came of them.
local requests, last = {}, 0

function init(files)
   for _, name in ipairs(files) do
      local file = assert(io.open(name, "rb"))
      requests[#requests + 1] = file:read("*a")
      file:close()
   end
end

function request()
   last = last % #requests + 1
   return requests[last]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format("measured %d %d %d %d %d %d\n", summary.requests, summary.duration,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50), latency:percentile(99)))
end
