-- wrk makes each event unique and signs it through libcrypto, as its users do: HMAC-SHA256 of the
-- body under the secret in HOOK_SECRET, in hex (profile paisr-v1).
local ffi = require("ffi")
ffi.cdef[[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *md, const void *key, int key_len, const unsigned char *data,
                    size_t data_len, unsigned char *out, unsigned int *out_len);
]]
local crypto = ffi.load("libcrypto.so.3")
local secret = os.getenv("HOOK_SECRET")
local out = ffi.new("unsigned char[32]")
local count = 0

local function hex(bytes)
  return (bytes:gsub(".", function(c) return string.format("%02x", c:byte()) end))
end

function request()
  count = count + 1
  local body = string.format('{"id":"inv_%018d","event":"invoice.paid"}', count)
  crypto.HMAC(crypto.EVP_sha256(), secret, #secret, body, #body, out, nil)
  return wrk.format("POST", "/hooks", {
    ["Content-Type"] = "application/json", ["User-Agent"] = "PCB Events",
    ["X-Powered-By"] = "PAISR Technologies NV",
    ["X-Paisr-Signature"] = hex(ffi.string(out, 32)),
  }, body)
end
