// timingSafeEqual throws a RangeError when the lengths differ; nobody catches it.
import { timingSafeEqual } from 'node:crypto';
import { serve } from './receiver.mjs';
serve({
  same: (signature, digest) =>
    timingSafeEqual(Buffer.from(signature), Buffer.from(digest.toString('hex'))),
});
