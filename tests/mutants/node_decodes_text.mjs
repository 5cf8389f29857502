// Decodes all of the body to text and hashes the text: bytes that are no UTF-8 become U+FFFD.
import { serve } from './receiver.mjs';
serve({ content: (body) => body.toString('utf8') });
