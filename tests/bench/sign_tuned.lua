-- The same as sign.lua by somebody who knows LuaJIT: a table of hex pairs, nothing made anew. No
-- target stands against it; it is shown so that the comparison hides nothing.
local ffi = require("ffi")
ffi.cdef[[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_len, const unsigned char *data,
                    size_t data_len, unsigned char *out, unsigned int *out_len);
]]
local crypto = ffi.load("libcrypto.so.3")
local sha256 = crypto.EVP_sha256()
local secret = os.getenv("HOOK_SECRET")
local out = ffi.new("unsigned char[32]")
local pairs_of = {}
for byte = 0, 255 do pairs_of[byte] = string.format("%02x", byte) end
local parts, count = {}, 0
local headers = {
  ["Content-Type"] = "application/json", ["User-Agent"] = "PCB Events",
  ["X-Powered-By"] = "PAISR Technologies NV",
}

function request()
  count = count + 1
  local body = string.format('{"id":"inv_%018d","event":"invoice.paid"}', count)
  crypto.HMAC(sha256, secret, #secret, body, #body, out, nil)
  for i = 0, 31 do parts[i + 1] = pairs_of[out[i]] end
  headers["X-Paisr-Signature"] = table.concat(parts)
  return wrk.format("POST", "/hooks", headers, body)
end
