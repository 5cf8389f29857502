// Guards the length in characters, then compares bytes: 64 characters can be 128 bytes.
import { timingSafeEqual } from 'node:crypto';
import { serve } from './receiver.mjs';
serve({
  same: (signature, digest) => {
    const wanted = digest.toString('hex');
    return signature.length === wanted.length &&
      timingSafeEqual(Buffer.from(signature), Buffer.from(wanted));
  },
});
