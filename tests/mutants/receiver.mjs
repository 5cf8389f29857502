// A correct receiver of paisr-v1 in Node without packages, of which each mutant beside it replaces
// one part. Prints "port N"; serves /hook and /effects?key=KEY. The secret is in the environment
// variable that --secret-env names; other options are passed over.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const HEADER = 'x-paisr-signature';
const BODY_BYTES_MAX = 4 * 1024 * 1024;
const WORD = /^[A-Za-z0-9][A-Za-z0-9_.:-]*$/;
const DEPTH_MAX = 64;

const parts = {
  limit: BODY_BYTES_MAX,
  // All of the body from its pieces.
  join: (pieces) => Buffer.concat(pieces),
  // What is hashed.
  content: (body) => body,
  // Whether the signature is the digest (32 bytes).
  same: (signature, digest) => {
    const given = Buffer.from(signature, 'latin1');
    const wanted = Buffer.from(digest.toString('hex'), 'latin1');
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  },
};

export function serve(mutation = {}) {
  const part = { ...parts, ...mutation };
  const secret = process.env[process.argv[process.argv.indexOf('--secret-env') + 1]];
  const done = new Map();
  if (!secret) throw new Error('a receiver without a secret is open');

  function depth(text) {
    let level = 0, most = 0, quoted = false;
    for (let i = 0; i < text.length; i++) {
      if (text[i] === '\\') i++;
      else if (text[i] === '"') quoted = !quoted;
      else if (!quoted && '[{'.includes(text[i])) most = Math.max(most, ++level);
      else if (!quoted && ']}'.includes(text[i])) level--;
    }
    return most;
  }

  function parse(body) {
    const text = body.toString('utf8');
    if (depth(text) > DEPTH_MAX) return null;
    try {
      const event = JSON.parse(text);
      const words = [event?.id, event?.event];
      return words.every((word) => typeof word === 'string' && WORD.test(word)) ? event : null;
    } catch {
      return null;
    }
  }

  function judge(request, body) {
    const signature = request.headersDistinct[HEADER] ?? [];
    if (request.headers['content-encoding']) return 415;
    if (signature.length !== 1 || signature[0] === '') return 401;
    const digest = createHmac('sha256', secret).update(part.content(body)).digest();
    if (!part.same(signature[0], digest)) return 401;
    const event = parse(body);
    if (!event) return 400;
    const key = `${event.id}:${event.event}`;
    if (!event.event.startsWith('hookproof.') && !done.has(key)) done.set(key, 1);
    return 204;
  }

  function answer(response, status, text = '') {
    response.writeHead(status, status === 413 ? { Connection: 'close' } : {});
    response.end(text);
  }

  function read(request, response) {
    const pieces = [];
    let bytes = 0;
    request.on('data', (piece) => {
      bytes += piece.length;
      if (bytes <= part.limit) pieces.push(piece);
      else if (!response.headersSent) answer(response, 413);
    });
    request.on('end', () => {
      if (response.headersSent) return;
      try {
        answer(response, judge(request, part.join(pieces)));
      } catch {
        answer(response, 500); // what an uncaught error becomes in a framework
      }
    });
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    if (url.pathname === '/effects')
      answer(response, 200, String(done.get(url.searchParams.get('key')) ?? 0));
    else if (url.pathname !== '/hook') answer(response, 404);
    else if (request.method !== 'POST') answer(response, 405);
    else if (Number(request.headers['content-length'] ?? 0) > part.limit) answer(response, 413);
    else read(request, response);
  });
  server.headersTimeout = server.requestTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
  setTimeout(() => process.exit(0), 30 * 60_000).unref(); // nobody leaves one behind for longer
}
