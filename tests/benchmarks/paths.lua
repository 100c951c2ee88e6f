-- Asks for the paths of a file in turn: wrk ... -s paths.lua ADDRESS -- FILE
-- After a path and a tab, the tag of an answer that the client holds.
local paths, at = {}, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local path, held = line:match("^([^\t]*)\t?(.*)$")
    local headers = { ["Accept-Encoding"] = "gzip" }
    if held ~= "" then
      headers["If-None-Match"] = held
    end
    -- Written out once: a request then costs the client as little as can be.
    paths[#paths + 1] = wrk.format("GET", path, headers)
  end
end

function request()
  at = at % #paths + 1
  return paths[at]
end

function done(summary, latency)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("MEASURED %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), bad))
end
