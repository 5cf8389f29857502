// Hashes what JSON.stringify makes of the body, as behind express.json().
import { serve } from './receiver.mjs';
serve({ content: (body) => JSON.stringify(JSON.parse(body.toString('utf8'))) });
